import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { access, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Answer } from "#protocol/generated/consent.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestSession, newLogin, shown, startSession } from "#test/harness/writing.ts";

const MALLORY = "mallory@evil.invalid";
const OWN = "test@postern.invalid";

/** Yes to what is to be written, and this to other keys. */
const person = (toKeys: Answer["answer"]) => (question: { kind: string }) =>
  question.kind === "recipients" ? toKeys : "once";

for (const [number, title, isRestarted] of [
  [24, "a changed .gpg-id", false],
  [54, "recipients that changed across a restart", true],
] as const) {
  describe(`attack ${number}: ${title}`, function () {
    this.timeout(60_000);
    let store: PassStore;
    before(async () => {
      store = await makePassStore({ "example.com/old": "secret" });
      const key = ["--quick-gen-key", `Mallory <${MALLORY}>`, "future-default", "default", "never"];
      await store.gpg(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...key]);
    });
    after(() => store[Symbol.asyncDispose]());

    for (const [how, folder, keys] of [
      ["a key more", "", `${OWN}\n${MALLORY} # of the team\n`],
      ["another key in its place", "", `${MALLORY}\n`],
      ["a file of its own for the site's folder", "example.com", `${MALLORY}\n`],
    ] as const) {
      it(`stops writing until it is confirmed: ${how}`, async () => {
        await using session = await startSession(store, person("deny"));
        await change(folder, keys);
        assert.deepEqual(await writeAfterRestart(session, "new"), { answer: "deny" });
        await assert.rejects(access(join(store.store, "example.com/new.gpg")));
        await restore(folder);
      });
    }

    it("stops writing also while the person reads the question", async () => {
      await using session = await startAgain(() => {
        writeFileSync(join(store.store, ".gpg-id"), `${OWN}\n${MALLORY}\n`);
        return "once";
      });
      await assert.rejects(session.write(newLogin("new"), "secret\nlogin: new\n"), {
        code: "entry_invalid",
        message: /keys .* changed meanwhile/,
      });
      await assert.rejects(access(join(store.store, "example.com/new.gpg")));
      await restore("");
    });

    it("is asked about with the keys that came and went, and holds once it is confirmed", async () => {
      await using before = await startSession(store, person("once"));
      await change("", `${MALLORY}\n`);
      await using session = isRestarted ? await startAgain(person("once"), before) : before;
      assert.deepEqual(await session.write(newLogin("confirmed"), "secret\nlogin: confirmed\n"), { answer: "once" });
      assert.partialDeepStrictEqual(session.questions[0], { kind: "recipients", added: [MALLORY], removed: [OWN] });
      assert.deepEqual(await session.write(newLogin("again"), "secret\nlogin: again\n"), { answer: "once" });
      assert.deepEqual(
        session.questions.map(({ kind }) => kind),
        ["recipients", "save", "save"],
      );
      assert.equal(await shown(store, "example.com/again"), "secret\nlogin: again\n");
    });

    /** A session; where restarts are of interest, one that follows another. */
    async function startAgain(answer: Parameters<typeof startSession>[1], before?: TestSession): Promise<TestSession> {
      if (isRestarted) await (before ?? (await startSession(store, answer)))[Symbol.asyncDispose]();
      return await startSession(store, answer);
    }

    /** The session that was there when it changed, or one that starts afterwards. */
    async function writeAfterRestart(session: TestSession, name: string): Promise<object> {
      const text = `secret\nlogin: ${name}\n`;
      if (!isRestarted) return await session.write(newLogin(name), text);
      await session[Symbol.asyncDispose]();
      await using next = await startSession(store, person("deny"));
      return await next.write(newLogin(name), text);
    }

    async function change(folder: string, keys: string): Promise<void> {
      await mkdir(join(store.store, folder), { recursive: true });
      await writeFile(join(store.store, folder, ".gpg-id"), keys);
    }

    async function restore(folder: string): Promise<void> {
      if (folder === "") await writeFile(join(store.store, ".gpg-id"), `${OWN}\n`);
      else await rm(join(store.store, folder, ".gpg-id"));
    }
  });
}
