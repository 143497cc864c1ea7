import assert from "node:assert/strict";
import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type StateFile, stateFile } from "#broker/state-file.ts";
import { type Lookups, isLookups } from "#protocol/generated/state.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const NONE: Lookups = { approved: { domains: [], hosts: [] }, domains: {}, hosts: {}, answers: {} };
const KEPT: Lookups = { ...NONE, approved: { domains: ["mine.com"], hosts: [] }, domains: { "a.com": 1.5 } };

describe("a file of the broker's state", () => {
  let directory: string;
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
    directory = temporary.path;
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  const fileOf = (name: string): StateFile<Lookups> => stateFile(join(directory, name), isLookups, NONE);

  it("need not exist, is the user's alone, and is read as it was written", async () => {
    const file = fileOf("lookups-work.json");
    assert.deepEqual(await file.read(), NONE);
    await file.write(KEPT);
    assert.deepEqual(await file.read(), KEPT);
    assert.deepEqual(await readdir(directory), ["lookups-work.json"]);
    assert.equal((await stat(join(directory, "lookups-work.json"))).mode & 0o777, 0o600);
    assert.deepEqual(await fileOf("lookups-other.json").read(), NONE);
  });

  for (const text of [
    "",
    "{",
    "[]",
    '{"approved":{"domains":[],"hosts":[]}}',
    '{"approved":{"domains":[1],"hosts":[]},"domains":{},"hosts":{},"answers":{}}',
    '{"approved":{"domains":[],"hosts":[]},"domains":{"a":"b"},"hosts":{},"answers":{}}',
    '{"approved":{"domains":[],"hosts":[]},"domains":{},"hosts":{"a.com":1},"answers":{}}',
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
    const all = Array.from({ length: 200 }, (_, at) => file.write({ ...NONE, domains: { "a.com": at } }));
    await Promise.all(all);
    assert.deepEqual(await file.read(), { ...NONE, domains: { "a.com": 199 } });
  });

  it("is what it was when it can not be written, which is said", async () => {
    const file = fileOf("lookups-work.json");
    await file.write(KEPT);
    await mkdir(join(directory, "lookups-work.json.tmp/in-the-way"), { recursive: true });
    await assert.rejects(file.write(NONE));
    assert.deepEqual(await file.read(), KEPT);
  });
});
