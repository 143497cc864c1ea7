import assert from "node:assert/strict";
import { judgeEndurance } from "#bench/soak/judge.ts";
import type { ProcessState } from "#bench/soak/process-state.ts";

describe("what a soak left", () => {
  const before: ProcessState = { mb: 50, descriptors: 20, children: 1, zombies: 0 };
  const judge = (after: Partial<ProcessState>): string[] =>
    judgeEndurance([{ process: "postern-broker", before, after: { ...before, ...after } }]);

  it("is nothing when it breathes and no more", () => {
    assert.deepEqual(judge({ mb: 59, descriptors: 19, children: 0 }), []);
  });

  it("is memory, a descriptor, a process or a zombie", () => {
    assert.match(judge({ mb: 61 }).join(), /grew from 50\.0 to 61\.0 MB/);
    assert.match(judge({ descriptors: 21 }).join(), /21 descriptors/);
    assert.match(judge({ children: 2 }).join(), /2 children/);
    assert.match(judge({ zombies: 1 }).join(), /not waited for 1/);
  });
});
