import assert from "node:assert/strict";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { configure } from "#test/harness/configure.ts";
import { READ_FIELDS } from "#test/harness/own-browser.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { onTerminal } from "#test/harness/pseudo-terminal.ts";

describe("postern up, with a store", function () {
  this.timeout(200_000);
  let mine: PassStore;
  let postern: TestPostern;
  let path: string;
  before(async () => {
    mine = await makePassStore({ "localhost:8000/alice": "pw-alice\nlogin: alice@example.org\n" });
    postern = await testPostern({ GNUPGHOME: mine.gnupg });
    path = postern.environment.PATH ?? "";
    const consent = await fakeProgram(mine.home, "consent", `sleep 1; echo '{"answer":"once"}'`);
    await configure(postern, `[consent]\ncommand = ["${consent}"]\n`);
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await mine[Symbol.asyncDispose]();
  });

  describe("that it can not use", () => {
    afterEach(async () => {
      postern.environment.PATH = path;
      postern.environment.GNUPGHOME = mine.gnupg;
      await nothingLeft(postern);
    });

    it("missing: says how to make one", async () => {
      const run = await postern.run("up", postern.gate, "--store", "/nowhere");
      assertExplained(run, /There is no store at \/nowhere\./, /pass init YOUR-KEY/);
    });

    it("missing, and no demo store is wanted: starts nothing, and says how to make one", async () => {
      await using terminal = onTerminal(`${postern.command} up`, postern.environment);
      await eventually("the offer", () => terminal.screen().includes("Use a demo store"));
      terminal.type("n");
      assert.equal(await terminal.exitCode(), 2);
      assert.match(terminal.screen(), /postern: error: Nothing was started\.\r?\npostern: hint: .*pass init YOUR-KEY/);
    });

    it("without a .gpg-id: says that it is none", async () => {
      const store = join(postern.home, "no-store");
      await mkdir(store);
      const run = await postern.run("up", postern.gate, "--store", store);
      assertExplained(run, /it has no \.gpg-id/, /pass init YOUR-KEY/);
    });

    it("whose key is missing: says how to look", async () => {
      const empty = join(postern.home, "no-keys");
      await mkdir(empty, { mode: 0o700 });
      postern.environment.GNUPGHOME = empty;
      const run = await postern.run("up", postern.gate, "--store", mine.store);
      assertExplained(run, /None of the keys that the store .* is encrypted to/, /gpg --list-secret-keys/);
    });

    it("without gpg: says how to install it, and so for the demo store, and for pass", async () => {
      const programs = join(postern.home, "programs");
      await mkdir(programs);
      postern.environment.PATH = programs;
      const run = await postern.run("up", postern.gate, "--store", mine.store);
      assertExplained(run, /gpg is not installed/, /apt-get install gnupg/);
      await nothingLeft(postern);
      assertExplained(await postern.run("up", postern.gate), /gpg is not installed/, /apt-get install gnupg/);
      for (const program of ["gpg", "gpgconf", "gpg-agent"]) {
        const { stdout } = await execa("sh", ["-c", `PATH='${path}' command -v ${program}`]);
        await symlink(stdout, join(programs, program));
      }
      assertExplained(await postern.run("up", postern.gate), /pass is not installed/, /apt-get install pass/);
      const { stdout } = await execa("ls", [join(postern.home, ".local/share/postern")]);
      assert.equal(stdout, "");
    });
  });

  describe("that it can use", () => {
    /** In the page: empty at the next start, since the profile keeps no page. */
    async function fields(): Promise<unknown> {
      await using browser = await postern.browser();
      await browser.setContext("content");
      return await browser.run(`return ${READ_FIELDS};`);
    }

    it("whose key has expired: fills what is in it, as pass shows it; and again when the agent was stopped", async () => {
      const [fingerprint = ""] = /(?<=^fpr:{9})\w+/m.exec(await mine.gpg(["--with-colons", "--list-keys"])) ?? [];
      for (const which of [[], ["*"]])
        await mine.gpg(["--batch", "--quick-set-expire", fingerprint, "seconds=1", ...which]);
      await eventually("the key's expiry", async () =>
        /^sub:e:/m.test(await mine.gpg(["--with-colons", "--list-keys"])),
      );
      const up = (): Promise<{ exitCode: number | null; stderr: string }> =>
        postern.run("up", postern.gate, "--headless", "--store", mine.store);
      const first = await up();
      assert.equal(first.exitCode, 0, first.stderr);
      const { stdout } = await execa("pass", ["show", "localhost:8000/alice"], { env: mine.environment });
      assert.equal(stdout, "pw-alice\nlogin: alice@example.org");
      assert.deepEqual(await fields(), ["alice@example.org", "pw-alice"]);
      await execa("gpgconf", ["--kill", "gpg-agent"], { env: mine.environment, extendEnv: false });
      const second = await up();
      assert.equal(second.exitCode, 0, second.stderr);
      assert.deepEqual(await fields(), ["alice@example.org", "pw-alice"]);
    });
  });
});
