import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeCommand } from "#consent/agent-filter.ts";
import { dataLines, errorCode, escapeText, unescapeData } from "#consent/assuan.ts";
import { mutatedBytes } from "#test/harness/mutated-bytes.ts";

/** What failed is told with its seed and path: given to `fc.assert` beside the number, it fails again. */
const LINES = 100_000;
const OWN = "A".repeat(40);
const OTHER = "B".repeat(40);
const bases = [
  `SETKEY ${OWN}`,
  `SETKEY ${OTHER}`,
  `HAVEKEY ${OWN} ${OTHER}`,
  "HAVEKEY --list=1000",
  "PKDECRYPT",
  "PKSIGN",
  `SIGKEY ${OWN}`,
  "GETINFO version",
  "GETINFO s2k_time",
  "OPTION ttyname=/dev/pts/1",
  `EXPORT_KEY --openpgp ${OWN}`,
  "SETKEYDESC Anything",
  "ERR 83886179 Operation cancelled",
].map((text) => Buffer.from(text));
const PASSED = /^(?:OPTION|RESET|NOP|SETKEYDESC|BYE)$/i;

describe("what a broken vault says to gpg-agent", function () {
  this.timeout(600_000);

  it("a hundred thousand lines: none but a decrypt with the store's keys gets on", () => {
    const seen = new Set<string>();
    const property = fc.property(mutatedBytes(bases), (bytes) => {
      const line = bytes.toString("latin1");
      const verdict = judgeCommand(line, new Set([OWN]));
      seen.add(verdict.action);
      const [word = ""] = line.split(" ");
      switch (verdict.action) {
        case "setkey":
          return assert.equal(line.toUpperCase().replace("SETKEY ", ""), OWN);
        case "decrypt":
          return assert.equal(line.toUpperCase(), "PKDECRYPT");
        case "version":
          return assert.match(line, /^getinfo version$/i);
        case "ok":
        case "bye":
          return assert.match(word, PASSED);
        case "havekey":
        case "listkeys":
          return assert.match(word, /^havekey$/i);
        case "refuse":
          return undefined;
      }
    });
    fc.assert(property, { numRuns: LINES });
    assert.ok(
      ["setkey", "decrypt", "refuse", "ok", "havekey", "listkeys", "version"].every((each) => seen.has(each)),
      [...seen].join(),
    );
  });

  it("a hundred thousand texts and data come out as they went in, on lines that are not too long", () => {
    const property = fc.property(mutatedBytes(bases), fc.string({ unit: "binary", maxLength: 40 }), (bytes, text) => {
      const data = bytes.toString("latin1");
      const lines = dataLines(data);
      assert.ok(lines.every((line) => line.length <= 1_000 && !/[\r\n]/.test(line)));
      assert.equal(lines.map((line) => unescapeData(line.slice(2))).join(""), data);
      const escaped = escapeText(text);
      assert.doesNotMatch(escaped, /[\r\n "]|%[A-Za-z]/);
      assert.ok(Number.isInteger(errorCode(data)) && errorCode(data) >= 0);
    });
    fc.assert(property, { numRuns: LINES });
  });
});
