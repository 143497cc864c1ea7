import assert from "node:assert/strict";
import { setImmediate as turn } from "node:timers/promises";
import { oneAfterAnother } from "#broker/one-after-another.ts";

describe("one after another", () => {
  it("each begins when the one before it has ended, also when that failed", async () => {
    const inTurn = oneAfterAnother();
    const seen: string[] = [];
    const act = (name: string, error?: Error) => async (): Promise<string> => {
      seen.push(`${name} begins`);
      await turn();
      seen.push(`${name} ends`);
      if (error !== undefined) throw error;
      return name;
    };
    const failed = new Error("of the first");
    const [first, second] = await Promise.allSettled([inTurn(act("first", failed)), inTurn(act("second"))]);
    assert.deepEqual(seen, ["first begins", "first ends", "second begins", "second ends"]);
    assert.deepEqual(first, { status: "rejected", reason: failed });
    assert.deepEqual(second, { status: "fulfilled", value: "second" });
  });
});
