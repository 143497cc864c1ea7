import assert from "node:assert/strict";
import { withLock } from "#tools/setup/lock.js";
import { temporaryDirectory } from "../../harness/temporary.ts";

describe("set-up's lock", () => {
  it("lets one work at a time", async () => {
    await using project = await temporaryDirectory();
    let working = 0;
    let most = 0;
    const work = async (): Promise<void> => {
      working++;
      most = Math.max(most, working);
      await new Promise((resolve) => setImmediate(resolve));
      working--;
    };
    await Promise.all([1, 2, 3].map(() => withLock(project.path, work)));
    assert.equal(most, 1);
  });

  it("is let go when the work fails", async () => {
    await using project = await temporaryDirectory();
    const failing = withLock(project.path, () => Promise.reject(new Error("no")));
    await assert.rejects(failing, /no/);
    let isDone = false;
    await withLock(project.path, async () => void (isDone = true));
    assert.ok(isDone);
  });
});
