import assert from "node:assert/strict";
import type { Decision } from "#broker/audit.ts";
import { type Fold, createFold } from "#broker/audit-fold.ts";

const REFUSED = { gate: "work", connection: 1, type: "get", decision: "refused", reason: "unknown_handle" } as const;
const at = (origin: number): string => `https://site${origin}.com`;

describe("folding of what repeats", () => {
  let now = 0;
  let fold: Fold;
  beforeEach(() => {
    fold = createFold(() => now);
  });
  const written = (decisions: Decision[]): number =>
    decisions.filter((decision) => fold.take(decision) !== undefined).length;
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

  it("writes the first look-up of a day that found something, and folds what repeats it", () => {
    const find: Decision = { gate: "work", type: "find", origin: at(1), decision: "allowed", reason: "2 entries" };
    assert.deepEqual(fold.take(find), find);
    assert.deepEqual(fold.take(find)?.reason, "2 entries, again");
    assert.equal(written(repeat(find, 100)), 2);
    assert.equal(written(Array.from({ length: 300 }, (_, index) => ({ ...find, origin: at(index + 2) }))), 300);
    now += 24 * 60 * 60_000;
    assert.deepEqual(fold.take(find), find);
  });

  it("has 32 KiB for a gate's lines, however they differ, and counts what came when there was no more room", () => {
    const codes = ["unknown_handle", "origin_mismatch", "rate_limited", "locked", "busy", "bad_message"];
    const types = ["find", "get", "pick", "save", "lock"];
    const all = codes.flatMap((reason) =>
      types.flatMap((type) =>
        Array.from({ length: 100 }, (_, index) => ({ ...REFUSED, reason, type, origin: at(index) })),
      ),
    );
    const lines = all.flatMap((decision) => fold.take(decision) ?? []);
    const bytes = lines.reduce((sum, line) => sum + JSON.stringify(line).length, 0);
    assert.ok(lines.length > 100 && bytes < 32 * 1024, `${lines.length} lines, ${bytes} bytes`);
    assert.equal(written([{ ...REFUSED, gate: "private" }]), 1);
    const counts = fold.flush().reduce((sum, { count = 0 }) => sum + count, 0);
    assert.equal(lines.length + counts, all.length);
    assert.equal(written(repeat(REFUSED, 1)), 1);
  });

  it("folds look-ups that are answered", () => {
    const find: Decision = { gate: "work", type: "find", origin: at(1), decision: "allowed", reason: "0 entries" };
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
      { ...REFUSED, type: "limit" },
      { ...REFUSED, entry: "example.com", reason: "denied" },
      { ...REFUSED, type: "index", gate: "" },
    ] as const) {
      assert.equal(written(repeat(decision, 100)), 100);
    }
    assert.deepEqual(fold.flush(), []);
  });
});
