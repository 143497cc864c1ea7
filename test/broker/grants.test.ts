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

  it("are listed while they are in force, apart where their fields end at different times", () => {
    let now = 0;
    const grants = createGrants(() => now);
    grants.allow(KEY, ["password"], 15);
    now = 60_000;
    grants.allow(KEY, ["username", "custom:a"], 15);
    grants.allow({ ...KEY, gate: "b" }, ["password"], 15);
    assert.deepEqual(grants.list("a"), [
      { ...KEY, fields: ["password"], until: 15 * 60_000 },
      { ...KEY, fields: ["username", "custom:a"], until: 16 * 60_000 },
    ]);
    assert.equal(grants.list().length, 3);
    now = 15 * 60_000;
    assert.deepEqual(
      grants.list("a").map(({ fields }) => fields),
      [["username", "custom:a"]],
    );
  });

  it("are forgotten by gate or all together, and what was released under them is stale", () => {
    const grants = createGrants(() => 0);
    const other = { ...KEY, gate: "b" };
    for (const key of [KEY, other]) grants.allow(key, FIELDS, 15);
    assert.equal(grants.list("a").length, 1);
    const [before, beforeOther] = [grants.generation("a"), grants.generation("b")];
    grants.forget("a");
    assert.notEqual(grants.generation("a"), before);
    assert.equal(grants.generation("b"), beforeOther);
    assert.deepEqual(grants.uncovered(KEY, FIELDS), FIELDS);
    assert.deepEqual(grants.uncovered(other, FIELDS), []);
    grants.forget();
    assert.notEqual(grants.generation("b"), beforeOther);
    assert.deepEqual(grants.list(), []);
  });
});
