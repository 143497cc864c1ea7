import assert from "node:assert/strict";
import { join } from "node:path";
import { judgeEndurance } from "#bench/soak/judge.ts";
import { runSoak } from "#bench/soak/run-soak.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("a short soak", function () {
  this.timeout(180_000);

  it("leaves memory, descriptors and processes as they were", async () => {
    await using directory = await temporaryDirectory();
    const processes = await runSoak({
      finds: 1_500,
      gets: 60,
      rounds: 10,
      programs: join(import.meta.dirname, "../../../dist"),
      directory: directory.path,
      path: process.env.PATH ?? "",
      onProgress: () => undefined,
    });
    assert.deepEqual(judgeEndurance(processes), []);
    assert.equal(processes.length, 2);
  });
});
