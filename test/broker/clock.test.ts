import assert from "node:assert/strict";
import { createClock } from "#broker/clock.ts";

const HOUR = 3_600_000;

describe("the broker's clock", () => {
  let wall: number;
  let awake: number;
  let now: () => number;
  beforeEach(() => {
    [wall, awake] = [1_700_000_000_000, 5_000];
    now = createClock(
      () => wall,
      () => awake,
    );
  });
  const pass = (span: number): void => {
    wall += span;
    awake += span;
  };
  const sleep = (span: number): void => void (wall += span);

  it("is the machine's, by default", () => {
    const before = Date.now();
    const time = createClock()();
    // It has fractions of a millisecond, which the machine's has not.
    assert.ok(before <= time && Math.floor(time) <= Date.now(), `${time} after ${before}`);
  });

  it("goes on while the machine sleeps", () => {
    pass(1_000);
    sleep(8 * HOUR);
    assert.equal(now(), wall);
  });

  it("never goes back, nor stands still, when the machine's is set back", () => {
    const before = now();
    wall -= HOUR;
    assert.equal(now(), before);
    pass(1_000);
    assert.equal(now(), before + 1_000);
  });

  it("goes on while the machine sleeps after its clock was set, wherever to", () => {
    for (const set of [-2 * HOUR, 2 * HOUR, -24 * HOUR]) {
      wall += set;
      const before = now();
      sleep(HOUR);
      assert.equal(now(), before + HOUR, `${set}`);
    }
  });

  it("goes ahead with the machine's: what was allowed for minutes ends early, and never late", () => {
    const before = now();
    wall += HOUR;
    assert.equal(now(), before + HOUR);
    wall -= HOUR;
    pass(1_000);
    assert.equal(now(), before + HOUR + 1_000);
  });

  it("is no faster for being read often, though the machine's comes in whole milliseconds", () => {
    const before = now();
    const exact = wall;
    for (let tenth = 1; tenth <= 10_000; tenth++) {
      awake += 0.1;
      wall = exact + Math.floor(tenth / 10);
      now();
    }
    assert.ok(Math.abs(now() - before - 1_000) < 1, `${now() - before}`);
  });
});
