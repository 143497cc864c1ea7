import assert from "node:assert/strict";
import { createClock } from "#broker/clock.ts";

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
    now();
  });
  const pass = (span: number): void => {
    wall += span;
    awake += span;
  };

  it("is the machine's, by default", () => {
    const before = Date.now();
    const read = createClock()();
    assert.ok(read >= before && read <= Date.now() + 1, `${read - before}`);
  });

  it("goes on while the machine sleeps", () => {
    pass(1_000);
    wall += 8 * 3_600_000;
    assert.equal(now(), wall);
  });

  it("never goes back, nor stands still, when the machine's is set back", () => {
    const before = now();
    wall -= 3_600_000;
    assert.equal(now(), before);
    pass(1_000);
    assert.equal(now(), before + 1_000);
  });

  it("goes ahead with the machine's: what was allowed for minutes ends early, and never late", () => {
    const before = now();
    wall += 3_600_000;
    assert.equal(now(), before + 3_600_000);
    wall -= 3_600_000;
    pass(1_000);
    assert.equal(now(), before + 3_601_000);
  });
});
