import assert from "node:assert/strict";
import { createGrants } from "#broker/grants.ts";

const KEY = { gate: "a", entry: "example.com", origin: "https://example.com", topOrigin: undefined };
const FIELDS = ["username", "password"];

describe("lasting answers", () => {
  it("cover one entry, one page and the fields they named, for their time", () => {
    let now = 0;
    const grants = createGrants(() => now);
    assert.deepEqual(grants.uncovered(KEY, FIELDS), FIELDS);
    grants.allow(KEY, ["password"], 15);
    assert.deepEqual(grants.uncovered(KEY, FIELDS), ["username"]);
    const others = [
      { ...KEY, gate: "b" },
      { ...KEY, entry: "example.com/bob" },
      { ...KEY, origin: "https://www.example.com" },
      { ...KEY, topOrigin: "https://evil.example" },
    ];
    for (const other of others) assert.deepEqual(grants.uncovered(other, ["password"]), ["password"]);
    now = 15 * 60_000 - 1;
    assert.deepEqual(grants.uncovered(KEY, ["password"]), []);
    now += 1;
    assert.deepEqual(grants.uncovered(KEY, ["password"]), ["password"]);
  });

  it("never cover a one-time code", () => {
    const grants = createGrants(() => 0);
    grants.allow(KEY, ["password", "otp"], 15);
    assert.deepEqual(grants.uncovered(KEY, ["password", "otp"]), ["otp"]);
  });

  it("are forgotten by gate or all together, and what was released under them is stale", () => {
    const grants = createGrants(() => 0);
    const other = { ...KEY, gate: "b" };
    for (const key of [KEY, other]) grants.allow(key, FIELDS, 15);
    assert.equal(grants.count("a"), 1);
    const before = grants.generation();
    grants.forget("a");
    assert.notEqual(grants.generation(), before);
    assert.deepEqual(grants.uncovered(KEY, FIELDS), FIELDS);
    assert.deepEqual(grants.uncovered(other, FIELDS), []);
    grants.forget();
    assert.equal(grants.count("b"), 0);
  });
});
