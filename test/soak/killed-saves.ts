import assert from "node:assert/strict";
import { killedSaves } from "#test/harness/killed-saves.ts";

const SAVES = 1_000;

describe("a broker or session process that is killed while it saves, a thousand times", () => {
  it("leaves a store without half an entry, that git finds sound, with everything that was acknowledged", async () => {
    const { acknowledged, killed } = await killedSaves(SAVES);
    assert.ok(acknowledged > 0 && killed > 0);
  }).timeout(3_600_000);
});
