import assert from "node:assert/strict";
import { parseReceipt, receiptText } from "#manifests/receipt.ts";

describe("the receipt of an installation", () => {
  it("reads as it was written, and in one order", () => {
    const files = new Map([
      ["/b", ["2"]],
      ["/a", ["1", "0"]],
    ]);
    const text = receiptText({ files, directories: new Set(["/y", "/x"]) });
    assert.deepEqual(parseReceipt(text), { files, directories: new Set(["/y", "/x"]) });
    const other = receiptText({ files: new Map([...files].toReversed()), directories: new Set(["/x", "/y"]) });
    assert.equal(other, text);
  });

  it("is none when it is something else", () => {
    const none = ["", "{", "[]", "null", "1", "{}", '{"files":[]}', '{"files":{},"directories":[]}'];
    for (const text of [...none, '{"files":[],"directories":[1]}', '{"files":[],"directories":"/"}']) {
      assert.equal(parseReceipt(text), undefined, text);
    }
  });
});
