import assert from "node:assert/strict";
import { inert } from "#container/inert.ts";

describe("a text from inside a container", () => {
  it("is one short line without control or formatting characters", () => {
    assert.equal(inert("a\n\u001b[31mb\u202ec\u2066d\u0000\u007f e"), "a [31mb c d e");
    assert.equal(inert("x".repeat(1000)).length, 300);
    assert.equal(inert({ toString: () => "x" }), "");
  });
});
