import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeDecryption } from "#broker/gpg-status.ts";
import { mutatedBytes } from "#test/harness/mutated-bytes.ts";

/** What failed is told with its seed and path: given to `fc.assert` beside the number, it fails again. */
const ENDS = 100_000;
const line = (words: string): string => `[GNUPG:] ${words}\n`;
const GOOD = [
  "BEGIN_DECRYPTION",
  "DECRYPTION_INFO 0 9 2",
  "PLAINTEXT 62 1 ",
  "DECRYPTION_OKAY",
  "GOODMDC",
  "END_DECRYPTION",
];
const bases = [
  GOOD,
  [...GOOD, ...GOOD],
  GOOD.filter((words) => words !== "GOODMDC"),
  ["ENC_TO 0123 18 0", "NO_SECKEY 0123", "BEGIN_DECRYPTION", "DECRYPTION_FAILED"],
  ["ERROR pkdecrypt_failed 83886179", "BEGIN_DECRYPTION"],
].map((lines) => Buffer.from(lines.map(line).join("")));
const CODES = ["agent_unreachable", "entry_invalid", "no_secret_key", "pinentry_failed"];

describe("what a gpg says that reads a hostile file", function () {
  this.timeout(600_000);

  it("a hundred thousand ends: believed where each line of a success is there once, and else an error of the closed list", () => {
    const seen = new Set<string>();
    const property = fc.property(mutatedBytes(bases), fc.constantFrom(0, 0, 0, 2, null), (bytes, exitCode) => {
      const status = bytes.toString("latin1");
      const found = judgeDecryption({ exitCode, status });
      // By another way than the code's own.
      const once = ["BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY", "GOODMDC"].every(
        (word) => status.split("\n").filter((each) => `${each} `.startsWith(`[GNUPG:] ${word} `)).length === 1,
      );
      assert.equal(found === undefined, exitCode === 0 && once, JSON.stringify(status));
      if (found !== undefined) assert.ok(CODES.includes(found.code), found.code);
      seen.add(found?.code ?? "believed");
    });
    fc.assert(property, { numRuns: ENDS });
    assert.deepEqual([...seen].toSorted(), [
      "agent_unreachable",
      "believed",
      "entry_invalid",
      "no_secret_key",
      "pinentry_failed",
    ]);
  });
});
