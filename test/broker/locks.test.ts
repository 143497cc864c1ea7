import assert from "node:assert/strict";
import { createLocks } from "#broker/locks.ts";

describe("locks", () => {
  const GATES = ["work", "home"];

  function states(...orders: ["lock" | "unlock", string?][]): string[] {
    const locks = createLocks();
    for (const [order, gate] of orders) locks[order](gate);
    return GATES.map((gate) => locks.stateOf(gate));
  }

  it("are of one gate", () => {
    assert.deepEqual(states(["lock", "work"]), ["locked", "ready"]);
    assert.deepEqual(states(["lock", "work"], ["lock", "home"], ["unlock", "work"]), ["ready", "locked"]);
  });

  it("are of all, one of which may be excepted", () => {
    assert.deepEqual(states(["lock"]), ["locked", "locked"]);
    assert.deepEqual(states(["lock"], ["unlock", "work"]), ["ready", "locked"]);
    assert.deepEqual(states(["lock"], ["unlock", "work"], ["lock", "work"]), ["locked", "locked"]);
  });

  it("end together with unlock, and begin together with lock, whatever was before", () => {
    assert.deepEqual(states(["lock", "work"], ["unlock"]), ["ready", "ready"]);
    assert.deepEqual(states(["lock"], ["unlock", "work"], ["lock"]), ["locked", "locked"]);
    assert.deepEqual(states(["lock"], ["unlock", "work"], ["unlock"]), ["ready", "ready"]);
  });
});
