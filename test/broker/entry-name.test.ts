import assert from "node:assert/strict";
import { posix } from "node:path";
import fc from "fast-check";
import { inertText, parseEntryName } from "#broker/entry-name.ts";
import { isRequest } from "#protocol/generated/consent.ts";

const SOUND = [
  "a",
  "example.com/alice",
  "--help",
  "-c",
  "$(id)",
  "a b",
  "a\\b",
  "a..b/c...",
  "例え.jp/ü",
  "a".repeat(1024),
  `${"a/".repeat(31)}a`,
];
const UNSOUND = [
  "",
  "/",
  "/etc/passwd",
  "a/",
  "a//b",
  ".",
  "..",
  "../a",
  "a/../b",
  "a/.",
  ".git/config",
  "a/.hidden/b",
  ".gpg-id",
  "a\0b",
  "a\nb",
  "a\u001b[31mb",
  "a\u007fb",
  "a\u0085b",
  "a\u2028b",
  "a\u202eb",
  "a\u2066b",
  "a\ud800b",
  "a".repeat(1025),
  "ü".repeat(513),
  `${"a/".repeat(32)}a`,
];

describe("entry names", () => {
  for (const text of SOUND) {
    it(`takes ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(parseEntryName(text), text));
  }
  for (const text of UNSOUND) {
    it(`refuses ${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(parseEntryName(text), undefined));
  }

  it("takes no name that leads out of the store", () => {
    const part = fc.oneof(
      fc.constantFrom(".", "..", "", "a", ".git", "~"),
      fc.string({ unit: "binary", maxLength: 5 }),
    );
    const anyPath = fc.array(part, { maxLength: 6 }).map((parts) => parts.join("/"));
    fc.assert(
      fc.property(anyPath, (text) => {
        const name = parseEntryName(text);
        fc.pre(name !== undefined);
        assert.equal(posix.normalize(`/store/${name}`), `/store/${name}`);
      }),
    );
  });

  it("are the same to the session process, which takes none of the broker's word for it", () => {
    const isTaken = (text: string): boolean =>
      isRequest({ id: 1, type: "pick", question: { gate: "test", origin: "https://example.com" }, entries: [text] });
    // It counts characters where the broker counts bytes, and gets no half of one: its frames are UTF-8.
    const isComparable = (text: string): boolean => text.isWellFormed() && text.length <= 512;
    for (const text of [...SOUND, ...UNSOUND].filter(isComparable))
      assert.equal(isTaken(text), parseEntryName(text) !== undefined, text);
    const part = fc.string({ unit: "binary", maxLength: 5 });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 4 }), (parts) => {
        const text = parts.join("/");
        assert.equal(isTaken(text), parseEntryName(text) !== undefined);
      }),
      { numRuns: 2_000 },
    );
  });

  it("shows any text on one line, without control or direction", () => {
    assert.equal(inertText("a\u001b[2Jb\n\u202ec\ud800"), "a\\u{1b}[2Jb\\u{a}\\u{202e}c\ufffd");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        assert.doesNotMatch(inertText(text), /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
