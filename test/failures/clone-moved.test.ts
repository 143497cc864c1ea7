import assert from "node:assert/strict";
import { copyFile, cp, mkdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { configure } from "#test/harness/configure.ts";
import { assertExplained } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { namedParent } from "#test/harness/named-parent.ts";
import { startNativeHost } from "#test/harness/native-host.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";
import { HELLO, codeOf } from "#test/harness/raw-client.ts";

const DIST = join(import.meta.dirname, "../../dist");
const ORIGIN = "https://example.org";

describe("the clone, moved after postern install", function () {
  this.timeout(600_000);
  let store: PassStore;
  let postern: TestPostern;
  let place: (path: string) => string;
  before(async () => {
    store = await makePassStore({ "example.org/alice": "pw-alice\n" });
    postern = await testPostern({ GNUPGHOME: store.gnupg, PASSWORD_STORE_DIR: store.store });
    place = (path) => join(postern.home, path);
    const consent = await fakeProgram(postern.home, "consent", `cat > /dev/null; sleep 0.8; echo '{"answer":"once"}'`);
    await configure(postern, `consent.command = [${JSON.stringify(consent)}]\n`);
    // As much of a clone as runs: what is built, and the Node of its own.
    await mkdir(place("clone"));
    await cp(DIST, place("clone/dist"), { recursive: true });
    await copyFile(process.execPath, place("clone/node"));
    const { exitCode, stderr } = await run(place("clone/node"), place("clone/dist/postern.cjs"), "install", "firefox");
    assert.equal(exitCode, 0, stderr);
    await rename(place("clone"), place("moved"));
  });
  after(async () => {
    await installed("down");
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  async function run(program: string, ...words: string[]): Promise<Run> {
    const options = { env: postern.environment, extendEnv: false, reject: false, stripFinalNewline: false } as const;
    const { exitCode = null, stdout, stderr } = await execa(program, words, { ...options, cwd: "/" });
    return { exitCode, stdout, stderr };
  }
  const installed = (...words: string[]) => run(place(".local/bin/postern"), ...words);
  const moved = (...words: string[]) => run(place("moved/node"), place("moved/dist/postern.cjs"), ...words);

  /** What the browser starts, by the manifest. */
  async function host() {
    const manifest = await readFile(place(".mozilla/native-messaging-hosts/io.github.postern.json"), "utf8");
    const { path }: { path: string } = JSON.parse(manifest);
    return startNativeHost([...(await namedParent(postern.home, "firefox")), path], { env: postern.environment });
  }

  it("leaves the installed command at work", async () => {
    assert.match((await installed("status")).stdout, /not running/);
    const { exitCode, stderr } = await installed("up", "--vault");
    assert.equal(exitCode, 0, stderr);
  });

  it("leaves the manifest's host at work: a login is released through it", async () => {
    const browser = await host();
    assert.equal((await browser.ask(HELLO)).ok, true);
    const found = JSON.stringify(await browser.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" }));
    const handle = /"handle":"([\w-]{22})"/.exec(found)?.[1];
    const reply = await browser.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["username", "password"] });
    assert.match(JSON.stringify(reply), /pw-alice/);
    browser.process.stdin?.end();
    assert.equal(await browser.exitCode(), 0);
  });

  it("runs where it is now, and knows the same session", async () => {
    const { exitCode, stdout, stderr } = await moved("status");
    assert.equal(exitCode, 0, stderr);
    assert.match(stdout, /^Gate\s+session: ready/m);
  });

  it("is not needed any more, not even for another gate", async () => {
    await rm(place("moved"), { recursive: true });
    assert.equal((await installed("up", "--vault", "work")).exitCode, 0);
    assert.match((await installed("status")).stdout, /^Gate\s+work: ready/m);
    assert.equal((await installed("down")).exitCode, 0);
    // From nothing to a vault: the image too is found, or made, from what was installed.
    assert.equal((await installed("up", "--vault")).exitCode, 0);
    assert.equal((await installed("down")).exitCode, 0);
  });

  it("with the installed folder gone too: the command says what mends it", async () => {
    await rm(place(".local/share/postern/program"), { recursive: true });
    assertExplained(await installed("status"), /is not there any more/, /npx postern install$/);
  });

  it("and the browser is told as well, in a message of the protocol", async () => {
    const browser = await host();
    browser.send(HELLO);
    const reply = await browser.next(0);
    assert.equal(codeOf(reply), "no_broker");
    assert.match(JSON.stringify(reply), /"message":"[^"]+","hint":"[^"]*npx postern install"/);
    browser.process.stdin?.end();
    assert.equal(await browser.exitCode(), 0);
    assert.equal(browser.stderr(), "");
  });

  it("and is mended by installing again", async () => {
    assert.equal((await postern.run("install", "firefox")).exitCode, 0);
    assert.match((await installed("status")).stdout, /not running/);
  });
});
