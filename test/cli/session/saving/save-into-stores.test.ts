import assert from "node:assert/strict";
import { access, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { createStoresWriter } from "#cli/session/saving/save-into-stores.ts";
import type { Question } from "#protocol/generated/consent.ts";
import { type TwoStores, makeTwoStores } from "#test/harness/two-stores.ts";
import { newLogin } from "#test/harness/writing.ts";

describe("writing into one of several stores", function () {
  this.timeout(120_000);
  let two: TwoStores;
  let questions: Question[];
  before(async () => {
    two = await makeTwoStores({ "work/example.com/alice": "old\nlogin: alice\n", "home/example.com/bob": "pw\n" });
  });
  after(() => two[Symbol.asyncDispose]());

  async function write(entry: string, replaces?: { days: number }): Promise<string> {
    questions = [];
    const state = join(two.home, "session-state");
    const writer = await createStoresWriter(two.stores, state, two.environment, Date.now);
    const question = { ...newLogin("new"), entry, ...(replaces === undefined ? {} : { replaces }) };
    const order = { id: 1, type: "write", question, text: "secret\nlogin: new\n" } as const;
    const ask = async (asked: Question): Promise<"once"> => {
      questions.push(asked);
      return "once";
    };
    return await writer(ask, order, new AbortController().signal);
  }

  it("takes the one that the name begins with, and keeps there what it replaces", async () => {
    assert.equal(await write("work/example.com/alice", { days: 0 }), "once");
    assert.partialDeepStrictEqual(questions, [{ kind: "save", entry: "work/example.com/alice" }]);
    assert.equal(await two.pass("work", ["show", "example.com/alice"]), "secret\nlogin: new\n");
    assert.deepEqual(await readdir(join(two.store, "home/example.com")), ["bob.gpg"]);
    assert.equal((await readdir(join(two.home, "session-state/replaced", "work/example.com/alice"))).length, 1);
  });

  for (const entry of ["example.com/new", "work", "workshop/example.com/new", "Work/example.com/new"]) {
    it(`has no place for ${entry}, and asks nobody`, async () => {
      await assert.rejects(write(entry), { code: "entry_invalid" });
      assert.deepEqual(questions, []);
    });
  }

  it("does not write through a link into another", async () => {
    await symlink("../home/example.com", join(two.store, "work/link.com"));
    await assert.rejects(write("work/link.com/new"), { code: "entry_invalid", message: /outside the store/ });
    await assert.rejects(access(join(two.store, "home/example.com/new.gpg")));
    assert.deepEqual(questions, []);
  });
});
