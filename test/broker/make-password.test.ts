import assert from "node:assert/strict";
import fc from "fast-check";
import { makePassword } from "#broker/make-password.ts";
import { PosternError } from "#protocol/error.ts";
import { CHARACTERS } from "#broker/password-rules.ts";

const CLASSES = Object.keys(CHARACTERS);

describe("a password that is made", () => {
  it("has 20 printable characters where nothing is said, and is another one each time", () => {
    const passwords = Array.from({ length: 200 }, () => makePassword({}));
    for (const password of passwords) assert.match(password, /^[\x21-\x7e]{20}$/);
    assert.equal(new Set(passwords).size, passwords.length);
  });

  it("has the length and the characters that are asked for", () => {
    assert.match(makePassword({ length: 64, charset: "alphanumeric" }), /^[A-Za-z0-9]{64}$/);
    assert.match(makePassword({ length: 6, charset: "digits" }), /^\d{6}$/);
  });

  it("uses every character, and none much more often than others", () => {
    const digits = Array.from({ length: 500 }, () => makePassword({ length: 128, charset: "digits" })).join("");
    for (const digit of CHARACTERS.digit) {
      const share = digits.split(digit).length / digits.length;
      // Of 64 000 digits: more than ten standard deviations from a tenth.
      assert.ok(share > 0.085 && share < 0.115, `${digit}: ${share}`);
    }
  });

  it("is as the rules want it, whatever else is asked for", () => {
    for (const [rules, form] of [
      ["minlength: 24", /^.{24}$/],
      ["maxlength: 8", /^.{8}$/],
      [
        "required: lower; required: digit; allowed: [-]; max-consecutive: 1",
        /^(?=.*[a-z])(?=.*\d)(?!.*(.)\1)[a-z0-9-]{20}$/,
      ],
      ["required: upper, lower;", /^[A-Za-z]{20}$/],
      ["allowed: [abc]];maxlength:10", /^[abc\]]{10}$/],
      ["Required: [;,]; MinLength: 4; allowed: digit", /^(?=.*[;,])[0-9;,]{20}$/],
    ] as const) {
      for (let at = 0; at < 50; at++) assert.match(makePassword({ charset: "digits", rules }), form, rules);
    }
  });

  it("is as long as may be and has no character twice in a row, and needs no luck for that", () => {
    for (const rules of ["allowed: digit; max-consecutive: 1", "allowed: [ab]; max-consecutive: 2"]) {
      const [, most = ""] = /(\d)$/.exec(rules) ?? [];
      for (let at = 0; at < 50; at++) {
        const password = makePassword({ length: 128, rules });
        assert.equal(password.length, 128);
        assert.doesNotMatch(password, new RegExp(`(.)\\1{${most}}`));
      }
    }
    assert.match(makePassword({ length: 128, rules: "allowed: [ab]; max-consecutive: 1" }), /^a?(?:ba)+b?$/);
  });

  it("is refused where no password can be as the rules want it, or they can not be read", () => {
    for (const rules of [
      "minlength: 10; maxlength: 9",
      "maxlength: 3",
      "minlength: 129",
      "allowed: [a]; max-consecutive: 1",
      "required: upper; required: lower; required: digit; required: [-]; required: [_]; maxlength: 4",
      "minlength",
      "minlength: many",
      "minlength: -1",
      "allowed: everything",
      "allowed: [",
      "allowed: []",
      "allowed:",
      "path: /etc/passwd",
    ])
      assert.throws(() => makePassword({ rules }), { code: "bad_message" }, rules);
  });

  it("has one of every required class, in any combination", () => {
    const classes = fc.uniqueArray(fc.constantFrom(...CLASSES), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(classes, fc.integer({ min: 6, max: 40 }), (names, length) => {
        const rules = names.map((name) => `required: ${name}`).join("; ");
        const password = makePassword({ length, rules });
        assert.equal(password.length, length);
        const sets = Object.entries(CHARACTERS).filter(([name]) => names.includes(name));
        for (const [name, set] of sets)
          assert.ok(
            set.split("").some((each) => password.includes(each)),
            name,
          );
      }),
    );
  });

  it("reads any text as rules or refuses it", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 512 }), (rules) => {
        try {
          makePassword({ rules });
        } catch (error) {
          assert.equal(error instanceof PosternError && error.code, "bad_message");
        }
      }),
    );
  });
});
