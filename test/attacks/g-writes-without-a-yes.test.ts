import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Answer } from "#protocol/generated/consent.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { newLogin, startSession } from "#test/harness/writing.ts";

// Attacker G of the threats: a vault that gpg's parser was broken in, which may say anything on consent.sock.
describe("a broken vault that wants something written", function () {
  this.timeout(60_000);
  let store: PassStore;
  before(async () => {
    store = await makePassStore({ "example.com/alice": "old\nlogin: alice\n" });
  });
  after(() => store[Symbol.asyncDispose]());
  afterEach(async () => assert.deepEqual(await readdir(join(store.store, "example.com")), ["alice.gpg"]));

  for (const answer of ["deny", "timeout"] as const satisfies Answer["answer"][]) {
    it(`has nothing written after ${answer}`, async () => {
      await using session = await startSession(store, () => answer);
      assert.deepEqual(await session.write(newLogin("new"), "secret\nlogin: new\n"), { answer });
      assert.equal(session.questions.length, 1);
    });
  }

  it("can not have the person say yes to another user name, nor to more, than is written", async () => {
    await using session = await startSession(store, () => "once");
    for (const text of ["secret\nlogin: eve\n", "secret\nlogin: new\nurl: evil.example\n", "secret", "secret\n"])
      await assert.rejects(session.write(newLogin("new"), text), { code: "bad_message" }, text);
    const question = { ...newLogin("new"), username: "new\nurl: evil.example" };
    await assert.rejects(session.write(question, "secret\nlogin: new\nurl: evil.example\n"), { code: "bad_message" });
    assert.deepEqual(session.questions, []);
  });

  it("can not ask by one message and write by another", async () => {
    await using session = await startSession(store, () => "once");
    const { kind: _kind, ...noQuestion } = newLogin("new");
    await assert.rejects(session.write(noQuestion, "secret\nlogin: new\n"), { code: "bad_message" });
    await assert.rejects(session.write({ ...newLogin("new"), kind: "fill" }, "secret\n"), { code: "bad_message" });
  });
});
