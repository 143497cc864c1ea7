import assert from "node:assert/strict";
import { join } from "node:path";
import { reachOf } from "#tools/test/reach.ts";

const TEST = join(import.meta.dirname, "../..");

describe("what a test file needs", () => {
  const reach = (file: string) => reachOf(join(TEST, file));
  const nothing = { usesEngine: false, usesMore: false, programs: [] };

  it("is nothing where it imports nothing of the kind", () => {
    assert.deepEqual(reach("wire/frame.test.ts"), nothing);
  });

  it("is a program that one of its harness runs", () => {
    assert.deepEqual(reach("broker/broker.test.ts"), { ...nothing, programs: ["gpg", "pass"] });
    assert.deepEqual(reach("broker/one-time-code.test.ts").programs, ["oathtool"]);
  });

  it("is an engine, whoever imports it", () => {
    assert.equal(reach("container/engine.test.ts").usesEngine, true);
    assert.equal(reach("failures/killed.test.ts").usesEngine, true);
  });

  it("is a desktop or a bus", () => {
    assert.equal(reach("consent/notify.test.ts").usesMore, true);
    assert.equal(reach("relays/sound/relay.test.ts").usesMore, true);
  });

  it("is not what a text within it would import", () => {
    assert.deepEqual(reach("tools/boundaries.test.ts"), nothing);
  });
});
