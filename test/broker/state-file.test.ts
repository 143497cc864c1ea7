import assert from "node:assert/strict";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type StateFile, stateFile } from "#broker/state-file.ts";
import { type Lookups, isLookups } from "#protocol/generated/state.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const KEPT = { approved: ["mine.com"], seen: { "a.com": 1.5 } };

describe("a file of the broker's state", () => {
  let directory: string;
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
    directory = temporary.path;
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  const fileOf = (name: string): StateFile<Lookups> =>
    stateFile(join(directory, name), isLookups, { approved: [], seen: {} });

  it("need not exist, is the user's alone, and is read as it was written", async () => {
    const file = fileOf("lookups-work.json");
    assert.deepEqual(await file.read(), { approved: [], seen: {} });
    await file.write(KEPT);
    assert.deepEqual(await file.read(), KEPT);
    assert.deepEqual(await readdir(directory), ["lookups-work.json"]);
    assert.equal((await stat(join(directory, "lookups-work.json"))).mode & 0o777, 0o600);
    assert.deepEqual(await fileOf("lookups-other.json").read(), { approved: [], seen: {} });
  });

  for (const text of [
    "",
    "{",
    "[]",
    '{"approved":[]}',
    '{"approved":[1],"seen":{}}',
    '{"approved":[],"seen":{"a":"b"}}',
  ]) {
    it(`is not known when it is ${JSON.stringify(text)}`, async () => {
      await writeFile(join(directory, "lookups-work.json"), text);
      assert.equal(await fileOf("lookups-work.json").read(), undefined);
    });
  }

  it("is not known when it can not be read", async () => {
    await mkdir(join(directory, "lookups-work.json"));
    assert.equal(await fileOf("lookups-work.json").read(), undefined);
  });

  it("holds the last of many at once", async () => {
    const file = fileOf("lookups-work.json");
    const all = Array.from({ length: 200 }, (_, at) => file.write({ approved: [String(at)], seen: {} }));
    await Promise.all(all);
    assert.deepEqual(await file.read(), { approved: ["199"], seen: {} });
  });

  it("is what it was when it can not be written, which is said", async () => {
    const file = fileOf("lookups-work.json");
    await file.write(KEPT);
    await mkdir(join(directory, "lookups-work.json.tmp/in-the-way"), { recursive: true });
    await assert.rejects(file.write({ approved: [], seen: {} }));
    assert.deepEqual(await file.read(), KEPT);
  });
});
