import assert from "node:assert/strict";
import { jsonLine, printable, table } from "#cli/printable.ts";

/** Of a terminal's or of the text's direction: C0, DEL, C1, bidi, separators, half a pair, private use. */
const OBEYED = [
  "\u001B[2J",
  "\u0007",
  "\u007F",
  "\u009B2J",
  "\u202E",
  "\u2066",
  "\u2028",
  "\uD800",
  "\uE000",
  "\u{E0041}",
];

describe("what is printed", () => {
  for (const text of OBEYED) {
    it(`holds no U+${text.codePointAt(0)?.toString(16)} that is obeyed, for people nor as JSON, which still says what it was`, () => {
      assert.doesNotMatch(printable(`a${text}b\n`), /[\p{C}\p{Zl}\p{Zp}]/u);
      const line = jsonLine({ [text]: [text] });
      assert.match(line, /^\{"[ -~]*"\]\}\n$/);
      assert.deepEqual(JSON.parse(line), { [text]: [text] });
    });
  }

  it("is text in any script as it is", () => {
    assert.equal(printable("Личные/пароли 密碼 é"), "Личные/пароли 密碼 é");
    assert.equal(jsonLine({ a: "密碼" }), '{"a":"密碼"}\n');
  });

  it("stands in columns, one line a row", () => {
    assert.equal(
      table([
        ["A", "B"],
        ["long\nname", "x"],
      ]),
      "A          B\nlong\u{FFFD}name  x\n",
    );
  });
});
