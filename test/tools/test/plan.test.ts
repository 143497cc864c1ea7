import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import { join } from "node:path";
import { planJobs } from "#tools/test/plan.ts";
import { testsOf } from "#tools/test/tests-of.ts";

const ROOT = join(import.meta.dirname, "../../..");

describe("the jobs of a run", () => {
  const everything = globSync(join(ROOT, "test/**/*.test.ts")).toSorted();
  const jobs = planJobs(ROOT, everything);

  it("have each test file once", () => {
    const planned = jobs.flatMap(({ files }) => files.map((file) => join(ROOT, file)));
    assert.deepEqual(planned.toSorted(), everything);
  });

  it("take nothing of the machine where a file starts no container", () => {
    const machineOf = (file: string) => jobs.find(({ files }) => files.includes(file))?.machine;
    assert.equal(machineOf("test/wire/frame.test.ts"), "nothing");
    assert.equal(machineOf("test/broker/broker.test.ts"), "nothing");
    assert.equal(machineOf("test/container/engine.test.ts"), "shared");
    assert.equal(machineOf("test/attacks/37-browser-sandbox.test.ts"), "shared");
    assert.equal(machineOf("test/end-to-end/demo.test.ts"), "shared");
    assert.equal(machineOf("test/attacks/41-no-listening-port.test.ts"), "alone");
  });

  it("begin with what needs the machine alone, a file each", () => {
    const alone = jobs.filter(({ machine }) => machine === "alone");
    assert.ok(alone.length > 0);
    assert.deepEqual(jobs.slice(0, alone.length), alone);
    for (const { files } of alone) assert.ok(files.length === 1 && existsSync(join(ROOT, files[0] ?? "")));
  });
});

describe("the tests of", () => {
  const namesOf = (word: string) => testsOf(ROOT, word).map((file) => file.slice(`${ROOT}/test/`.length));

  it("a folder of sources are those below its mirror", () => {
    assert.deepEqual(namesOf("extension/fill"), namesOf("test/extension/fill/"));
    assert.ok(namesOf("extension/fill").includes("extension/fill/decide.test.ts"));
    assert.deepEqual(namesOf("host-bridge/wire"), namesOf("test/wire"));
  });

  it("test are all", () => {
    const all = globSync(join(ROOT, "test/**/*.test.ts")).toSorted();
    assert.deepEqual(testsOf(ROOT, "test/"), all);
    assert.ok(all.length > 200);
  });

  it("host-bridge are those of its rooms", () => {
    const folders = new Set(namesOf("host-bridge").map((name) => name.split("/")[0]));
    assert.deepEqual(folders, new Set(["broker", "consent", "host", "protocol", "relays", "wire"]));
  });

  it("a file are the one of its name", () => {
    assert.deepEqual(namesOf("host-bridge/broker/gate.ts"), ["broker/gate.test.ts"]);
    assert.deepEqual(namesOf("test/broker/gate.test.ts"), ["broker/gate.test.ts"]);
  });

  it("what has none are none", () => {
    assert.deepEqual(namesOf("no/such/folder"), []);
    assert.deepEqual(namesOf("host-bridge/broker/no-such-file.ts"), []);
  });
});
