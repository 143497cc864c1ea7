import assert from "node:assert/strict";
import { parseJsonObject } from "#protocol/json.ts";

describe("a JSON object", () => {
  it("has no key that an earlier one left behind", () => {
    // V8 keeps the first one's keys in mind and takes the second one's for them (nodejs/node#63785).
    for (const [earlier, text] of [
      ['{"id":1,"\\\\":1}', '{"id":1,"\\b":1}'],
      ['{"id":1,"\\\\u00":1}', '{"id":1,"\\u0074ype":1}'],
    ] as const) {
      for (let round = 0; round < 5; round++) JSON.parse(earlier);
      assert.throws(() => parseJsonObject(Buffer.from(text)), { code: "bad_frame" });
    }
  });
});
