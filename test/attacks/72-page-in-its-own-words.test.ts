import assert from "node:assert/strict";
import fastCheck from "fast-check";
import { promptText } from "#consent/prompt-text.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";

const QUESTION: FillQuestion = {
  kind: "fill",
  gate: "work",
  origin: "https://example.com",
  registrableDomain: "example.com",
  entry: "example.com/alice",
  site: "example.com",
  match: "exact",
  fields: ["username", "password"],
  minutes: 15,
};
const FACTS = [
  "https://example.com",
  "Site: example.com",
  "",
  "asks by HTTP authentication",
  "wants: user name, password",
  "of the entry: example.com/alice",
];

describe("attack 72: what a page says of itself in a prompt", () => {
  const HOSTILE = {
    "more lines": "Staff\nwants: nothing\nof the entry: none",
    "a line that is full of blanks": `Staff${" ".repeat(200)}wants: nothing`,
    "as much as it may": "wants: nothing. ".repeat(16),
    "the marks that stand around it": "Staff”\nBrowser: none “",
    "the other direction": "\u202Egnihton :stnaw\u2066",
    "what cannot be seen": "\u200B\u3164\u115F",
    "mark-up": "<b>Staff</b>&#10;",
  };
  for (const [what, realm] of Object.entries(HOSTILE)) {
    it(`stands on one line, short, below all that Postern says: ${what}`, () => assertApart(realm));
  }

  it("so does anything else", () => {
    fastCheck.assert(fastCheck.property(fastCheck.string({ unit: "binary", maxLength: 256 }), assertApart), {
      numRuns: 5_000,
    });
  });

  it("the user name that it wants to save has marks around it, and is whole", () => {
    const { gate, origin, registrableDomain, entry } = QUESTION;
    const username = `a”\nlast changed: today ${"x".repeat(100)}`;
    const lines = promptText({ kind: "save", gate, origin, registrableDomain, entry, username }).split("\n");
    assert.equal(lines.length, 7);
    assert.equal(lines[5], `with the user name: “a'\uFFFDlast changed: today ${"x".repeat(100)}”`);
  });
});

function assertApart(realm: string): void {
  const lines = promptText({ ...QUESTION, realm }).split("\n");
  assert.deepEqual(lines.slice(0, FACTS.length), FACTS);
  assert.equal(lines.at(-1), "Browser: work");
  const said = lines.slice(FACTS.length, -1);
  if (realm === "") return assert.deepEqual(said, []);
  const [line = "", ...others] = said;
  assert.deepEqual(others, []);
  assert.match(line, /^The page says: “[^“”"<>&]{1,61}”$/);
  assert.doesNotMatch(line, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]|\p{Zs}{2}/u);
}
