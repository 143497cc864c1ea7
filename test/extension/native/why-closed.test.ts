import assert from "node:assert/strict";
import { whyClosed } from "#extension/native/why-closed.ts";

describe("why a native port closed", () => {
  it("is told by what a person can do about it, in both browsers", () => {
    const reasons = {
      "No such native application io.github.postern": "no_broker",
      "Specified native messaging host not found.": "no_broker",
      "Failed to start native messaging host.": "no_broker",
      "Access to the specified native messaging host is forbidden.": "no_broker",
      "Native host has exited.": "internal",
      "An unexpected error occurred": "internal",
    };
    for (const [reason, code] of Object.entries(reasons)) {
      const error = whyClosed(reason);
      assert.equal(error.code, code, reason);
      assert(error.hint?.includes("postern") === true && !error.message.includes(reason));
    }
    assert.equal(whyClosed(undefined).code, "internal");
  });
});
