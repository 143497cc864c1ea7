import assert from "node:assert/strict";
import type { Decision } from "#broker/audit.ts";
import { type Fold, createFold } from "#broker/audit-fold.ts";

const REFUSED = { gate: "work", connection: 1, type: "get", decision: "refused", reason: "unknown_handle" } as const;
const at = (origin: number): string => `https://site${origin}.com`;

describe("folding of what repeats", () => {
  let fold: Fold;
  beforeEach(() => {
    fold = createFold();
  });
  const written = (decisions: Decision[]): number => decisions.filter((decision) => fold.take(decision)).length;
  const repeat = (decision: Decision, times: number): Decision[] => Array.from({ length: times }, () => decision);

  it("writes three of the same and counts the others, over all connections", () => {
    const decisions = Array.from({ length: 1_000 }, (_, connection) => ({ ...REFUSED, origin: at(1), connection }));
    assert.equal(written(decisions), 3);
    assert.deepEqual(fold.flush(), [{ ...REFUSED, origin: at(1), connection: 0, count: 997 }]);
    assert.deepEqual(fold.flush(), []);
    assert.equal(written(decisions), 3);
  });

  it("writes fifty that differ in what an asker can vary, and one count of the others", () => {
    const decisions = Array.from({ length: 10_000 }, (_, index) => ({ ...REFUSED, origin: at(index) }));
    assert.equal(written(decisions), 50);
    const { gate, type, decision, reason } = REFUSED;
    assert.deepEqual(fold.flush(), [{ gate, type, decision, reason, count: 9_950 }]);
  });

  it("counts each of several by itself", () => {
    const other = { ...REFUSED, gate: "private" };
    const late = { ...REFUSED, reason: "locked" };
    for (const each of [REFUSED, other, late]) assert.equal(written(repeat(each, 5)), 3);
    assert.deepEqual(
      fold.flush(),
      [REFUSED, other, late].map((each) => ({ ...each, count: 2 })),
    );
  });

  it("folds look-ups that are answered", () => {
    const find: Decision = { gate: "work", type: "find", origin: at(1), decision: "allowed", reason: "1 entries" };
    assert.equal(written(repeat(find, 100)), 3);
  });

  it("never folds a fill, a grant, a lock, nor what the broker did by itself", () => {
    for (const decision of [
      { ...REFUSED, decision: "allowed", reason: "allowed for 15 minutes" },
      { ...REFUSED, type: "save", decision: "allowed", reason: "written" },
      { ...REFUSED, type: "lock", decision: "allowed", reason: "asked by the browser" },
      { ...REFUSED, type: "lock", decision: "allowed", reason: "ordered from outside the sandbox" },
      { ...REFUSED, type: "revoke", decision: "allowed", reason: "ordered from outside the sandbox" },
      { ...REFUSED, type: "flood" },
      { ...REFUSED, type: "canary" },
      { ...REFUSED, type: "index", gate: "" },
    ] as const) {
      assert.equal(written(repeat(decision, 100)), 100);
    }
    assert.deepEqual(fold.flush(), []);
  });
});
