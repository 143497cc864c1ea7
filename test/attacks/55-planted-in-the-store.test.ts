import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { keepInGit } from "#test/harness/git-store.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestSession, newLogin, startSession } from "#test/harness/writing.ts";

const run = promisify(execFile);
const PLACES = [
  ".git/hooks/post-commit",
  ".git/config",
  ".gpg-id",
  "example.com/.gpg-id",
  "../outside",
  "example.com/../../outside",
  "/outside",
  "example.com//x",
  ".extensions/insert",
  "example.com/a\nb",
  "example.com/a\u202Eb",
  "",
  "x/",
];

// That the vault's own hands can not write there is test 43's; this is about what it can have written.
describe("attack 55: a broken vault plants a hook, a configuration or a .gpg-id in the store", function () {
  this.timeout(60_000);
  let store: PassStore;
  let session: TestSession;
  before(async () => {
    store = await makePassStore({ "example.com/old": "secret" });
    await keepInGit(store);
    await mkdir(join(store.home, "elsewhere"));
    await symlink(join(store.home, "elsewhere"), join(store.store, "link.com"));
    await symlink(join(store.home, "elsewhere/file"), join(store.store, "example.com/link.gpg"));
    session = await startSession(store, () => "once");
  });
  after(async () => {
    await session[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it("has no name for such a place, even where a person says yes to everything", async () => {
    const text = `touch ${join(store.home, "MARKER")}\n`;
    const before = await readdir(store.store, { recursive: true });
    for (const entry of PLACES) {
      const { username: _none, ...question } = newLogin("x");
      await assert.rejects(session.write({ ...question, entry }, text), { code: "bad_message" }, entry);
    }
    assert.deepEqual(session.questions, []);
    assert.deepEqual(await readdir(store.store, { recursive: true }), before);
    await session.write(newLogin("sound"), "secret\nlogin: sound\n");
    await assert.rejects(access(join(store.home, "MARKER")));
  });

  it("is not run from a folder that whoever can push has made a repository of", async () => {
    const folder = join(store.store, "planted.com");
    for (const name of ["objects", "refs"]) await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, "HEAD"), "ref: refs/heads/main\n");
    const marker = join(store.home, "MARKER");
    const core = [
      "repositoryformatversion = 0",
      "bare = false",
      "worktree = ..",
      `fsmonitor = "touch ${marker}; false"`,
    ];
    await writeFile(join(folder, "config"), `[core]\n\t${core.join("\n\t")}\n`);
    // Whoever runs git in it runs that.
    await run("git", ["-C", folder, "status"], { env: store.environment }).catch(() => undefined);
    await rm(marker);
    const question = { ...newLogin("alice"), entry: "planted.com/alice" };
    const outcome = await session.write(question, "secret\nlogin: alice\n").catch(String);
    await assert.rejects(access(marker));
    assert.match(JSON.stringify(outcome), /git did not take it/);
  });

  it("is not led out of the store by a link", async () => {
    for (const entry of ["link.com/alice", "example.com/link"]) {
      const question = { ...newLogin("alice"), entry };
      await assert.rejects(session.write(question, "secret\nlogin: alice\n"), { code: "entry_invalid" }, entry);
    }
    assert.deepEqual(await readdir(join(store.home, "elsewhere")), []);
  });
});
