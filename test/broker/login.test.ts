import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { parseEntryName } from "#broker/entry-name.ts";
import { type Login, customField, parseLogin } from "#broker/login.ts";

interface Vector {
  title: string;
  name?: string;
  text: string;
  login: Omit<Login, "fields">;
}

const vectors: Vector[] = JSON.parse(readFileSync(new URL("../vectors/logins.json", import.meta.url), "utf8"));

describe("the text of an entry", () => {
  for (const { title, name, text, login } of vectors) {
    it(title, () => {
      const { fields: _, ...read } = parseLogin(text, entryName(name ?? "example.com"));
      assert.deepEqual(read, login);
    });
  }

  it("takes any first line that is neither key, seed nor reference as the password, to the letter", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (password) => {
        fc.pre(!/[\r\n:]|^\s*GOPASS-SECRET-1\.0\s*$|^---$/.test(password));
        assert.equal(parseLogin(`${password}\nlogin: alice`, entryName("example.com")).password, password);
      }),
    );
  });

  it("reads any text", () => {
    const line = fc.oneof(fc.string(), fc.constantFrom("---", "login: a", "otp: x", "password:", ": ", ":", "  a: b"));
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        assert(parseLogin(lines.join("\n"), entryName("example.com/alice")).username !== "");
      }),
    );
  });

  it("reads hostile text as long as an entry may be", () => {
    const size = 1024 * 1024;
    for (const piece of ["[", "{a: ", "- ", "&a ", "? ", "a: |\n", " x\n", "\n", "*a\n", ": "]) {
      parseLogin(`pw\n---\na: "\n${piece.repeat(size / piece.length)}x`, entryName("example.com"));
      parseLogin(`pw\n---\na: &a |\n${piece.repeat(size / piece.length)}x`, entryName("example.com"));
    }
  }).timeout(60_000);
});

describe("a field of the user's own", () => {
  const text = [
    "pw",
    "Customer No: 12:34",
    "customer no: second",
    "pin:",
    "PIN: 99",
    "login: alice",
    "otp_secret: JBSWY3DP",
    "backup: otpauth://totp/x?secret=JBSWY3DP",
    "steam://JBSWY3DP",
  ];
  const custom = (name: string): string | undefined =>
    customField(parseLogin(text.join("\n"), entryName("example.com")), name);

  it("is the first value under its name that is not empty, in whatever case", () => {
    assert.equal(custom("CUSTOMER NO"), "12:34");
    assert.equal(custom("pin"), "99");
    assert.equal(custom("none"), undefined);
  });

  it("comes from YAML and from gopass's header as well", () => {
    const yaml = parseLogin("pw\n---\npin: 0099\nnested:\n  puk: 1", entryName("example.com"));
    assert.equal(customField(yaml, "pin"), "0099");
    assert.equal(customField(yaml, "puk"), undefined);
    const header = parseLogin("GOPASS-SECRET-1.0\nPassword: pw\nPin: 1\n\npuk: 2", entryName("example.com"));
    assert.equal(customField(header, "pin"), "1");
    assert.equal(customField(header, "puk"), undefined);
  });

  it("is never user, password or seed, by whatever name", () => {
    for (const name of ["login", "Password", "pass", "id", "otp", "TOTP", "hotp", "otp_secret", "backup", "steam"]) {
      assert.equal(custom(name), undefined, name);
    }
  });
});

function entryName(text: string): NonNullable<ReturnType<typeof parseEntryName>> {
  const name = parseEntryName(text);
  assert(name);
  return name;
}
