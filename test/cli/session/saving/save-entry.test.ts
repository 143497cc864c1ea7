import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, chmod, mkdir, readFile, readdir, rm, symlink, truncate, utimes, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";
import { PosternError } from "#protocol/error.ts";
import { keepInGit, passGit } from "#test/harness/git-store.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { newLogin, shown, startSession } from "#test/harness/writing.ts";

const run = promisify(execFile);
const TEXT = "secret\nlogin: new\n";

describe("writing into a store", function () {
  this.timeout(120_000);
  let store: PassStore;
  beforeEach(async () => {
    store = await makePassStore({ "example.com/alice": "old\nlogin: alice\n" });
  });
  afterEach(() => store[Symbol.asyncDispose]());
  const write = async (environment: Record<string, string> = {}) => {
    const changed = { ...store, environment: { ...store.environment, ...environment } };
    await using session = await startSession(changed, () => "once");
    return await session.write(newLogin("new"), TEXT);
  };

  it("goes on after a git that left its lock behind", async () => {
    await keepInGit(store);
    const lock = join(store.store, ".git/index.lock");
    await writeFile(lock, "");
    const anHourAgo = new Date(Date.now() - 60 * 60_000);
    await utimes(lock, anHourAgo, anHourAgo);
    assert.deepEqual(await write(), { answer: "once" });
    await assert.rejects(access(lock));
    assert.equal(await passGit(store, "status", "--porcelain"), "");
  });

  it("leaves the lock of a git that may still be at work, and says that there is no commit", async () => {
    await keepInGit(store);
    const lock = join(store.store, ".git/index.lock");
    await writeFile(lock, "");
    const inAnHour = new Date(Date.now() + 60 * 60_000);
    await utimes(lock, inAnHour, inAnHour);
    await assert.rejects(write(), { code: "internal", message: /did not take it into the store's history/ });
    await access(lock);
  });

  it("says so where a hook of the user's refuses the commit, though the entry is there", async () => {
    await keepInGit(store);
    await fakeProgram(join(store.store, ".git/hooks"), "pre-commit", "exit 1");
    await assert.rejects(write(), { code: "internal", hint: /pass git commit/ });
    assert.equal(await shown(store, "example.com/new"), TEXT);
  });

  it("says how to see why where git knows nobody to name as the author, and commits all of it once it does", async () => {
    await keepInGit(store);
    const settings = join(store.home, ".gitconfig");
    const known = await readFile(settings, "utf8");
    await writeFile(settings, "[user]\n\tuseConfigOnly = true\n");
    await assert.rejects(write(), { code: "internal", hint: /pass git commit/ });
    assert.equal(await shown(store, "example.com/new"), TEXT);
    await writeFile(settings, known);
    await using session = await startSession(store, () => "once");
    assert.deepEqual(await session.write(newLogin("later"), "secret\nlogin: later\n"), { answer: "once" });
    assert.equal(await passGit(store, "status", "--porcelain"), "");
  });

  it("has git keep the very bytes, also where the user has it change the ends of lines", async () => {
    await keepInGit(store);
    await writeFile(
      join(store.home, ".gitconfig"),
      "[core]\n\tautocrlf = input\n[user]\n\tname = T\n\temail = t@t.invalid\n",
    );
    const bin = join(store.home, "bin");
    // What gpg may well write: without a NUL, git takes it for text.
    const inPass = `cd ${store.store}; printf 'a\\r\\nb' > $5.gpg; git add $5.gpg; git commit -qm x`;
    await fakeProgram(bin, "pass", inPass);
    assert.deepEqual(await write({ PATH: `${bin}${delimiter}${store.environment.PATH}` }), { answer: "once" });
    assert.equal(await passGit(store, "show", "HEAD:example.com/new.gpg"), "a\r\nb");
  });

  it("finds nothing wrong in a store that lies in a repository without being its own", async () => {
    await run("git", ["init", "--quiet", store.home], { env: store.environment });
    assert.deepEqual(await write(), { answer: "once" });
  });

  it("writes through folders that are links within the store", async () => {
    await mkdir(join(store.store, "web/new.com"), { recursive: true });
    await symlink("web/new.com", join(store.store, "new.com"));
    await using session = await startSession(store, () => "once");
    await session.write({ ...newLogin("bob"), entry: "new.com/bob" }, "secret\nlogin: bob\n");
    assert.equal(await shown(store, "web/new.com/bob"), "secret\nlogin: bob\n");
  });

  it("writes into no folder of the store's that is hidden, such as git's own, by a link that was pushed", async () => {
    await keepInGit(store);
    for (const hidden of [".git/refs/heads", ".git"]) {
      await symlink(hidden, join(store.store, "new.com"));
      await using session = await startSession(store, () => "once");
      const written = session.write({ ...newLogin("bob"), entry: "new.com/bob" }, "secret\nlogin: bob\n");
      await assert.rejects(written, { code: "entry_invalid", message: /outside the store/ }, hidden);
      assert.deepEqual(session.questions, []);
      await assert.rejects(access(join(store.store, hidden, "bob.gpg")));
      await rm(join(store.store, "new.com"));
    }
  });

  it("reads nothing in an entry's place that is larger than one can be", async () => {
    await truncate(join(store.store, "example.com/alice.gpg"), 2 ** 31);
    await using session = await startSession(store, () => "once");
    const update = session.write({ ...newLogin("alice"), replaces: { days: 0 } }, "new\nlogin: alice\n");
    await assert.rejects(update, { code: "entry_invalid", message: /larger/ });
    assert.deepEqual(session.questions, []);
  });

  it("is read_only without pass, without flock, and where pass can not write", async () => {
    const bin = join(store.home, "bin");
    await mkdir(bin);
    await assert.rejects(write({ PATH: bin }), { code: "read_only", message: /flock is not/, hint: /util-linux/ });
    await symlink("/usr/bin/flock", join(bin, "flock"));
    await assert.rejects(write({ PATH: bin }), { code: "read_only", message: /pass is not installed/ });
    await fakeProgram(bin, "pass", "exit 1");
    await assert.rejects(write({ PATH: bin }), { code: "read_only", message: /could not write/ });
  });

  it("puts back what was there when the writing failed and took it away", async () => {
    const path = join(store.store, "example.com/alice.gpg");
    const before = await readFile(path);
    const bin = join(store.home, "bin");
    await fakeProgram(bin, "pass", `rm ${path}; exit 1`);
    const environment = { ...store.environment, PATH: `${bin}${delimiter}${store.environment.PATH}` };
    await using session = await startSession({ ...store, environment }, () => "once");
    const update = session.write({ ...newLogin("alice"), replaces: { days: 0 } }, "new\nlogin: alice\n");
    await assert.rejects(update, { code: "read_only" });
    assert.deepEqual(await readFile(path), before);
  });

  it("leaves no half of an entry, where gpg was killed while it wrote", async () => {
    const folder = join(store.store, "example.com");
    const before = await readFile(join(folder, "alice.gpg"));
    const bin = join(store.home, "bin");
    await fakeProgram(bin, "pass", `echo half > "${store.store}/$5.gpg"; exit 2`);
    const environment = { ...store.environment, PATH: `${bin}${delimiter}${store.environment.PATH}` };
    await using session = await startSession({ ...store, environment }, () => "once");
    const failure = { code: "read_only", message: /could not write/ };
    const update = session.write({ ...newLogin("alice"), replaces: { days: 0 } }, "new\nlogin: alice\n");
    await assert.rejects(update, failure);
    await assert.rejects(session.write(newLogin("new"), TEXT), failure);
    assert.deepEqual(await readdir(folder), ["alice.gpg"]);
    assert.deepEqual(await readFile(join(folder, "alice.gpg")), before);
  });

  it("says where what was there is kept, when it can not be put back either", async () => {
    const bin = join(store.home, "bin");
    await fakeProgram(bin, "pass", `rm -r ${join(store.store, "example.com")}; exit 1`);
    const environment = { ...store.environment, PATH: `${bin}${delimiter}${store.environment.PATH}` };
    await using session = await startSession({ ...store, environment }, () => "once");
    const update = session.write({ ...newLogin("alice"), replaces: { days: 0 } }, "new\nlogin: alice\n");
    await assert.rejects(update, { code: "internal", message: /not be put back/, hint: /replaced/ });
  });

  it("hands pass the text on its input, and nothing of it by another way", async () => {
    const bin = join(store.home, "bin");
    const seen = join(store.home, "seen");
    const spy = `tr '\\0' '\\n' < /proc/$$/environ > ${seen}; echo "$@" >> ${seen}; exec /usr/bin/pass "$@"`;
    await fakeProgram(bin, "pass", spy);
    assert.deepEqual(await write({ PATH: `${bin}${delimiter}${store.environment.PATH}` }), { answer: "once" });
    assert.equal(await shown(store, "example.com/new"), TEXT);
    const told = await readFile(seen, "utf8");
    assert.match(told, /^insert --multiline --force -- example\.com\/new$/m);
    assert.doesNotMatch(told, /secret/);
  });

  it("wants the signature of .gpg-id that the user wants", async () => {
    const signed = { PASSWORD_STORE_SIGNING_KEY: "0".repeat(40) };
    await assert.rejects(write(signed), { code: "read_only" });
    const listed = await store.gpg(["--with-colons", "--list-keys"]);
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
    await store.gpg(["--batch", "--detach-sign", join(store.store, ".gpg-id")]);
    assert.deepEqual(await write({ PASSWORD_STORE_SIGNING_KEY: fingerprint }), { answer: "once" });
    await writeFile(join(store.store, ".gpg-id"), "test@postern.invalid # again\n");
    await rm(join(store.store, "example.com/new.gpg"));
    await assert.rejects(write({ PASSWORD_STORE_SIGNING_KEY: fingerprint }), { code: "read_only" });
  });

  it("tells of a state directory that can not be written, before anything is", async () => {
    await using session = await startSession(store, () => "once");
    const replaced = join(store.home, "session-state/replaced");
    await writeFile(replaced, "");
    await chmod(replaced, 0o600);
    const update = session.write({ ...newLogin("alice"), replaces: { days: 0 } }, "new\nlogin: alice\n");
    await assert.rejects(update, (error) => {
      assert.ok(error instanceof PosternError);
      assert.match(error.message, /can not be written/);
      // Whoever owns the browser is told, too: neither where the user's home is nor which folder the entry lies in.
      const told = `${error.message} ${error.hint}`;
      assert.ok(!told.includes(store.home) && !told.includes("alice"), told);
      return error.code === "internal";
    });
    assert.equal(await shown(store, "example.com/alice"), "old\nlogin: alice\n");
  });
});
