import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { PosternError } from "#protocol/error.ts";
import { parseEntryName } from "#broker/entry-name.ts";
import { type Login, parseLogin } from "#broker/login.ts";

interface Vector {
  title: string;
  name?: string;
  text: string;
  login?: Login;
  refused?: string;
}

const vectors: Vector[] = JSON.parse(readFileSync(new URL("../vectors/logins.json", import.meta.url), "utf8"));

describe("the text of an entry", () => {
  for (const { title, name, text, login, refused } of vectors) {
    it(title, () => {
      const read = (): Login => parseLogin(text, entryName(name ?? "example.com"));
      if (refused === undefined) assert.deepEqual(read(), login);
      else assert.throws(read, { name: "PosternError", code: refused });
    });
  }

  it("takes any first line that is neither key, seed nor reference as the password, to the letter", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (password) => {
        fc.pre(!/[\r\n:]|^GOPASS-SECRET-1\.0$/.test(password));
        assert.equal(parseLogin(`${password}\nlogin: alice`, entryName("example.com")).password, password);
      }),
    );
  });

  it("reads any text, or refuses it", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom("---", "login: a", "otp: x", "password:", ": ", ":", "  a: b"));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseLogin(lines.join("\n"), entryName("example.com/alice"));
        } catch (error) {
          assert(error instanceof PosternError);
        }
      }),
    );
  });
});

function entryName(text: string): NonNullable<ReturnType<typeof parseEntryName>> {
  const name = parseEntryName(text);
  assert(name);
  return name;
}
