import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { newLogin, shown, startSession } from "#test/harness/writing.ts";

const OLD = "old\nlogin: alice\n";

describe("attack 57: an overwrite through save or update", function () {
  this.timeout(60_000);
  let store: PassStore;
  beforeEach(async () => {
    store = await makePassStore({ "example.com/alice": OLD });
  });
  afterEach(() => store[Symbol.asyncDispose]());

  it("leaves the old ciphertext where neither the vault nor git can lose it", async () => {
    const before = await readFile(join(store.store, "example.com/alice.gpg"));
    await using session = await startSession(store, () => "once");
    for (const text of ["newer\nlogin: alice\n", "newest\nlogin: alice\n"])
      await session.write({ ...newLogin("alice"), replaces: { days: 0 } }, text);
    assert.equal(await shown(store, "example.com/alice"), "newest\nlogin: alice\n");
    const kept = join(store.home, "session-state/replaced/example.com/alice");
    const files = (await readdir(kept)).toSorted();
    assert.equal(files.length, 2);
    assert.deepEqual(await readFile(join(kept, files[0] ?? "")), before);
    assert.equal(await store.gpg(["--quiet", "--decrypt", join(kept, files[1] ?? "")]), "newer\nlogin: alice\n");
  });

  it("is not made by a save that says it is new, nor by one of an entry that has gone", async () => {
    await using session = await startSession(store, () => "once");
    const text = "newer\nlogin: alice\n";
    await assert.rejects(session.write(newLogin("alice"), text), { code: "entry_invalid" });
    const gone = { ...newLogin("bob"), replaces: { days: 0 } };
    await assert.rejects(session.write(gone, text), { code: "entry_invalid" });
    assert.deepEqual(session.questions, []);
    assert.equal(await shown(store, "example.com/alice"), OLD);
  });
});
