import assert from "node:assert/strict";
import fc from "fast-check";
import { composeEntry, replacePassword } from "#broker/compose-entry.ts";
import { type EntryName, parseEntryName } from "#broker/entry-name.ts";
import { parseLogin } from "#broker/login.ts";
import { PosternError } from "#protocol/error.ts";

describe("the text of a new entry", () => {
  it("is the password, then the user name", () => {
    assert.equal(composeEntry(name("example.com/alice"), "s3cret", "alice"), "s3cret\nlogin: alice\n");
    assert.equal(composeEntry(name("example.com"), "s3cret", undefined), "s3cret\n");
  });

  it("reads as what was to be saved, or is refused, whatever that was", () => {
    const text = fc.oneof(fc.string(), fc.constantFrom("---", "pass: x", "gopass://x", "otp: A", "a: b", " x "));
    const printable = text.filter((each) => each !== "" && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(each));
    fc.assert(
      fc.property(printable, printable, (password, username) => {
        const entry = tried(() => composeEntry(name("example.com/alice"), password, username));
        if (entry === undefined) return;
        const { fields: _fields, ...login } = parseLogin(entry, name("example.com/alice"));
        assert.deepEqual(login, { password, username });
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("an entry with another password", () => {
  for (const [what, before, after] of [
    ["in the first line", "old\nlogin: alice\nold\n", "new\nlogin: alice\nold\n"],
    ["after its key", "login: alice\nPass: old\nurl: x\n", "login: alice\nPass: new\nurl: x\n"],
    ["after its key, without a blank", "note\npassword:old", "note\npassword:new"],
    ["with lines of Windows", "old\r\nlogin: alice\r\n", "new\r\nlogin: alice\r\n"],
    ["where there was none", "\nlogin: alice\n", "new\nlogin: alice\n"],
    ["that the user name is, too", "alice\nlogin: alice\n", "new\nlogin: alice\n"],
    ["before YAML", "old\n---\nlogin: alice\nlist:\n  - old\n", "new\n---\nlogin: alice\nlist:\n  - old\n"],
  ] as const) {
    it(`has it ${what}, and every other line as it was`, () => {
      assert.equal(replacePassword(before, name("example.com/alice"), "new"), after);
    });
  }

  it("is refused where it would read as anything else", () => {
    const entry = "old\nlogin: alice\n";
    for (const password of ["password: x", "otpauth://totp/x?secret=JBSWY3DPEHPK3PXP", "gopass://bank.com", "---"])
      assert.throws(() => replacePassword(entry, name("example.com"), password), { code: "entry_invalid" }, password);
    const reference = "gopass://other.com/alice\n";
    assert.throws(() => replacePassword(reference, name("example.com"), "new"), { code: "entry_invalid" });
  });
});

function name(text: string): EntryName {
  const parsed = parseEntryName(text);
  assert.ok(parsed !== undefined);
  return parsed;
}

function tried(make: () => string): string | undefined {
  try {
    return make();
  } catch (error) {
    assert.equal(error instanceof PosternError && error.code, "entry_invalid");
    return undefined;
  }
}
