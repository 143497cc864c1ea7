import assert from "node:assert/strict";
import { remember } from "#protocol/remember.ts";

describe("what is remembered", () => {
  it("is worked out once for what is asked again, also when it is nothing, and not for ever", () => {
    const asked: string[] = [];
    const length = remember((text) => {
      asked.push(text);
      return text.length === 0 ? undefined : text.length;
    });
    assert.deepEqual([length("abc"), length(""), length("abc"), length("")], [3, undefined, 3, undefined]);
    assert.deepEqual(asked, ["abc", ""]);
    for (let at = 0; at < 10_000; at++) assert.equal(length(`${at}`), `${at}`.length);
    asked.length = 0;
    assert.equal(length("abc"), 3);
    assert.deepEqual(asked, ["abc"]);
  });
});
