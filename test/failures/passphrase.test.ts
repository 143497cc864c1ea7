import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { configure } from "#test/harness/configure.ts";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";

const PASSPHRASE = "open sesame";

/** What the extension says on the page comes back as the command's own error and hint. */
describe("a fill whose key asks for its passphrase", function () {
  this.timeout(200_000);
  let store: PassStore;
  let postern: TestPostern;
  before(async () => {
    store = await makePassStore({}, PASSPHRASE);
    await store.insert("localhost:8000/alice", "pw-alice\nlogin: alice@example.org\n");
    postern = await testPostern({ GNUPGHOME: store.gnupg });
    const consent = await fakeProgram(store.home, "consent", `sleep 1; echo '{"answer":"once"}'`);
    await configure(postern, `[consent]\ncommand = ["${consent}"]\n`);
    await works();
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });
  afterEach(works);

  /** An agent that has forgotten every passphrase, and asks for them with this program. */
  async function askBy(pinentry: string): Promise<void> {
    await writeFile(join(store.gnupg, "gpg-agent.conf"), `pinentry-program ${pinentry}\n`);
    await endAgent();
  }

  async function endAgent(): Promise<void> {
    await execa("gpgconf", ["--kill", "gpg-agent"], { env: store.environment, extendEnv: false });
  }

  const up = (): Promise<Run> => postern.run("up", postern.gate, "--headless", "--store", store.store);
  const fake = (answer: string): Promise<string> =>
    fakeProgram(
      store.home,
      "pinentry",
      `echo OK; while read -r word rest; do case $word in
         GETPIN) ${answer} ;;
         BYE) echo OK; exit ;;
         *) echo OK ;;
       esac; done`,
    );

  async function works(): Promise<void> {
    await askBy(await fake(`echo "D ${PASSPHRASE}"; echo OK`));
    const { exitCode, stderr } = await up();
    assert.equal(exitCode, 0, stderr);
  }

  it("by a pinentry that is missing: says how to install one", async () => {
    await askBy("/nowhere/pinentry");
    assertExplained(await up(), /not filled\. gpg-agent has no pinentry/, /apt-get install pinentry/);
  });

  it("and is cancelled: says so, and what to do", async () => {
    await askBy(await fake('echo "ERR 83886179 Operation cancelled <Pinentry>"'));
    assertExplained(await up(), /not filled\. The passphrase was not given\./, /Try again/);
  });

  it("by a pinentry without a display or terminal: says where it could draw", async () => {
    const { stdout } = await execa("sh", ["-c", "command -v pinentry-curses"]);
    await askBy(stdout);
    assertExplained(await up(), /not filled\. gpg-agent could not ask/, /terminal/);
  });

  it("while the agent is killed: says that it is gone", async () => {
    const asked = join(store.home, "asked");
    await rm(asked, { force: true });
    await askBy(await fake(`echo $$ > ${asked}; exec sleep 600`));
    const run = up();
    const pid = await eventually(
      "the question for the passphrase",
      async () => Number(await readFile(asked, "utf8").catch(() => "")) || undefined,
      60_000,
    );
    await endAgent();
    process.kill(pid, "SIGKILL");
    assertExplained(
      await run,
      /not filled\. gpg-agent (?:can not be reached|did not decrypt)/,
      /gpgconf --launch gpg-agent/,
    );
  });
});
