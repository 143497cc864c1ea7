import assert from "node:assert/strict";
import { type BoundedChild, startBounded } from "#broker/bounded-child.ts";
import { type ReadyChild, createReadyChild } from "#broker/ready-child.ts";
import { eventually } from "#test/harness/eventually.ts";

describe("a child that was started ahead", () => {
  const never = new AbortController().signal;
  let started: BoundedChild[];
  let stop: AbortController;
  beforeEach(() => {
    started = [];
    stop = new AbortController();
  });
  afterEach(() => stop.abort());

  function create(lifetime = 600_000): ReadyChild {
    const start = (): BoundedChild => {
      const child = startBounded("cat", [], { PATH: process.env.PATH ?? "" });
      started.push(child);
      return child;
    };
    return createReadyChild({ start, lifetime, signal: stop.signal });
  }

  async function answerOf(child: BoundedChild): Promise<string> {
    return (await child.finish(Buffer.from("text"), { patience: 60_000, signal: never })).output.toString();
  }
  const end = (child: BoundedChild | undefined) => eventually("its end", () => child?.hasEnded());

  it("is taken once, and is one of those that were asked for", async () => {
    const ready = create();
    ready.prepare("1");
    ready.prepare("1");
    assert.equal(started.length, 1);
    assert.equal(ready.take("1"), started[0]);
    const other = ready.take("1");
    assert.equal(started.length, 2);
    assert.deepEqual(await Promise.all(started.map(answerOf)), ["text", "text"]);
    assert.equal(other, started[1]);
  });

  it("is killed and not used when what it may have read has changed", async () => {
    const ready = create();
    ready.prepare("1");
    assert.equal(await answerOf(ready.take("2")), "text");
    await end(started[0]);
    ready.prepare("2");
    ready.prepare("3");
    await end(started[2]);
    assert.equal(ready.take("3"), started[3]);
    assert.equal(started.length, 4);
    await answerOf(ready.take("3"));
    started[3]?.kill();
    await end(started[3]);
  });

  it("is killed when it has waited for too long, and another takes its place", async () => {
    const ready = create(1);
    ready.prepare("1");
    await end(started[0]);
    assert.equal(await answerOf(ready.take("1")), "text");
    assert.equal(started.length, 2);
  });

  it("is not used when it has ended by itself", async () => {
    const ready = create();
    ready.prepare("1");
    started[0]?.kill();
    await end(started[0]);
    assert.equal(await answerOf(ready.take("1")), "text");
  });

  it("is killed at the end, and none is started after", async () => {
    const ready = create();
    ready.prepare("1");
    stop.abort();
    await end(started[0]);
    ready.prepare("1");
    assert.equal(started.length, 1);
  });
});
