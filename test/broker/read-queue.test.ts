import assert from "node:assert/strict";
import { createReadQueue } from "#broker/read-queue.ts";

describe("the queue of folders to be read", () => {
  function queueOf(...paths: string[]): ReturnType<typeof createReadQueue> {
    const queue = createReadQueue();
    for (const path of paths) queue.add(path);
    return queue;
  }

  it("has those first that may hold anybody's, and never mixes", () => {
    const queue = queueOf("web/example.com", "web", "web/example.org/old", "work/old");
    assert.equal(queue.hasOnlyOthers(), false);
    assert.deepEqual(queue.take(1), ["web"]);
    assert.deepEqual(queue.take(9), ["work/old"]);
    assert.equal(queue.hasOnlyOthers(), true);
    assert.deepEqual(queue.take(9), ["web/example.com", "web/example.org/old"]);
    assert.deepEqual(queue.take(9), []);
  });

  it("then those of hosts that somebody waits for, there already or still to come", () => {
    const queue = queueOf("a.com", "b.com", "c.com");
    queue.prefer(["c.com", "d.com"]);
    queue.add("x/d.com/y");
    queue.add("e.com");
    assert.deepEqual(queue.take(9), ["c.com", "x/d.com/y"]);
    assert.equal(queue.hasOnlyOthers(), true);
    queue.addFirst("e.com");
    assert.deepEqual(queue.take(9), ["e.com"]);
    assert.deepEqual(queue.take(9), ["a.com", "b.com"]);
  });

  it("forgets who waited when nothing is left", () => {
    const queue = queueOf("a.com");
    queue.prefer(["b.com"]);
    queue.take(9);
    queue.take(9);
    queue.add("b.com");
    assert.equal(queue.hasOnlyOthers(), true);
  });
});
