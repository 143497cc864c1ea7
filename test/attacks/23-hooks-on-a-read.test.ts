import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const run = promisify(execFile);
const ORIGIN = "https://example.com";
/** Every hook that git knows of, and pass's extensions under the names of what is asked for and of its own commands. */
const HOOKS = "post-checkout post-commit post-index-change pre-commit reference-transaction fsmonitor-watchman".split(
  " ",
);
const EXTENSIONS = ["show", "find", "ls", "get", "example.com", "otp"];

describe("attack 23: a store that brings programs of its own", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let markers: string;
  before(async () => {
    const store = await makePassStore({});
    markers = join(store.home, "markers");
    await mkdir(markers);
    const git = (...args: string[]) => run("git", ["-C", store.store, ...args], { env: store.environment });
    await run("pass", ["git", "init"], { env: store.environment });
    await store.insert("example.com", "secret");
    for (const name of HOOKS) await fakeProgram(join(store.store, ".git/hooks"), name, `touch ${markers}/${name}`);
    for (const name of EXTENSIONS)
      await fakeProgram(join(store.store, ".extensions"), `${name}.bash`, `touch ${markers}/${name}.bash`);
    // What git itself would run for whoever looks at the store or an entry with it.
    const planted = await fakeProgram(store.home, "planted", `touch ${markers}/configured; cat "$@"`);
    for (const key of ["core.fsmonitor", "core.pager", "diff.gpg.textconv", "diff.external", "core.sshCommand"])
      await git("config", key, planted);
    await writeFile(join(store.store, ".gitattributes"), "*.gpg diff=gpg\n");
    // And gpg, in its own directory if it took the store for it.
    await writeFile(join(store.store, "gpg.conf"), `photo-viewer ${planted}\nlist-options show-photos\n`);
    const environment = { PASSWORD_STORE_ENABLE_EXTENSIONS: "true", PASSWORD_STORE_DIR: store.store };
    broker = await startBroker({ store, environment });
  });
  after(async () => {
    await broker[Symbol.asyncDispose]();
    await broker.store[Symbol.asyncDispose]();
  });

  it("runs none of them on a read", async () => {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    const fields = ["username", "password", "otp"];
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields });
    assert.deepEqual(reply.result, { password: "secret" });
    assert.deepEqual(await readdir(markers), []);
  });

  it("which pass and git would have run", async () => {
    const { environment, store } = broker.store;
    const extended = { ...environment, PASSWORD_STORE_ENABLE_EXTENSIONS: "true" };
    await run("pass", ["otp", "example.com"], { env: extended });
    await run("git", ["-C", store, "status"], { env: environment });
    // git itself runs a hook or two more.
    const marked = await readdir(markers);
    for (const name of ["configured", "otp.bash"]) assert.ok(marked.includes(name), name);
    await rm(markers, { recursive: true });
  });
});
