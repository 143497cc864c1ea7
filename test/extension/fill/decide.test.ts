import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { decide } from "#extension/fill/decide.ts";
import type { Field, FillField } from "#extension/fill/field.ts";
import { plainWords } from "#extension/fill/words.ts";

interface Vector {
  title: string;
  /** What the forms say; one plain form without a word when it is left out. */
  forms?: string[];
  fields: Partial<Field>[];
  fills: Partial<Record<FillField, number>>;
}

const vectors: Vector[] = JSON.parse(readFileSync(new URL("../../vectors/forms.json", import.meta.url), "utf8"));

describe("which field takes what", () => {
  for (const { title, forms = ["", ""], fields, fills } of vectors) {
    it(title, () => {
      const { targets } = decide(
        fields.map(complete),
        forms.map((text) => ({ text: plainWords(text) })),
      );
      const found = Object.fromEntries(Object.entries(targets).map(([field, { index }]) => [field, index]));
      assert.deepEqual(found, fills);
    });
  }

  it("gives a reason for each field, and for each form that is left alone", () => {
    const fields = [complete({ name: "user", type: "text" }), complete({ name: "password", type: "password" })];
    const { targets } = decide(fields, [{ text: "" }, { text: "" }]);
    assert.equal(targets.username?.why, "is named as a user name");
    assert.equal(targets.password?.why, "is a password field");
    const twice = [complete({ name: "a", type: "password" }), complete({ name: "b", type: "password" })];
    assert.deepEqual(decide(twice, [{ text: "" }, { text: "" }]).left, [
      "It has several password fields, and does not say which is which.",
    ]);
  });

  it("never puts a password where it is seen, is new, or can not be typed, whatever the page says", () => {
    fc.assert(
      fc.property(fc.array(anyField, { maxLength: 8 }), (fields) => {
        const { targets } = decide(fields, [{ text: "sign in" }, { text: "log in" }, { text: "register" }]);
        for (const { index } of Object.values(targets)) assert.equal(fields[index]?.usable, true);
        const password = fields[targets.password?.index ?? -1];
        if (password === undefined) return;
        assert.equal(password.type, "password");
        assert(!password.autocomplete.includes("new-password"));
      }),
      { numRuns: 2000 },
    );
  });

  it("spreads no login over two forms", () => {
    fc.assert(
      fc.property(fc.array(anyField, { maxLength: 8 }), (fields) => {
        const { targets } = decide(fields, [{ text: "" }, { text: "" }, { text: "" }]);
        const forms = new Set(Object.values(targets).map(({ index }) => fields[index]?.form));
        assert(forms.size <= 1);
      }),
    );
  });
});

describe("words", () => {
  it("are the same however they are written", () => {
    for (const text of ["loginPassword", "login_password", "Login-Password", " login  PASSWORD "]) {
      assert.equal(plainWords(text), "login password");
    }
    assert.equal(plainWords("Bestätigung"), "bestatigung");
  });
});

const anyWord = fc.constantFrom("user", "password", "new", "old", "otp", "email", "search", "confirm", "x");
const anyField = fc.record<Field>({
  form: fc.integer({ min: 0, max: 2 }),
  type: fc.constantFrom("text", "email", "password", "tel", "search"),
  autocomplete: fc.subarray(["username", "email", "current-password", "new-password", "one-time-code", "off"], {
    maxLength: 1,
  }),
  name: anyWord,
  label: anyWord,
  usable: fc.boolean(),
});

function complete({
  form = 1,
  type = "text",
  autocomplete = [],
  name = "",
  label = "",
  usable = true,
}: Partial<Field>): Field {
  return { form, type, autocomplete, name: plainWords(name), label: plainWords(label), usable };
}
