import assert from "node:assert/strict";
import { type StdioOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, open, readFile, readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "../harness/eventually.ts";
import { fakeProgram } from "../harness/fake-program.ts";
import { pseudoTerminal } from "../harness/pseudo-terminal.ts";
import { temporaryDirectory } from "../harness/temporary.ts";

const ROOT = join(import.meta.dirname, "../..");
const isRoot = process.getuid?.() === 0;
/** One test that is soon done: shows that set-up went on to it. */
const GOES_ON = ["test", "test/protocol/json.test.ts"];

describe("set-up", () => {
  it("says how it is used", async () => {
    const { exitCode, stdout, stderr } = await setUp(["start", "--help"]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^Usage: npm start/);
    assert.equal(stderr, "");
  });

  it("refuses a command it does not know", async () => {
    const { exitCode, stdout, stderr } = await setUp(["strat"]);
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.match(stderr, /^postern: error: .+\npostern: hint: .+\n$/);
  });

  it("goes on without a word when nothing is missing", async () => {
    // What other tests or an editor changed meanwhile is built by the first run.
    await setUp(GOES_ON);
    const { exitCode, stdout, stderr } = await setUp(GOES_ON);
    assert.deepEqual([exitCode, stderr], [0, ""]);
    assert.match(stdout, /\n {2}1 passing \(\d+s\)\n\n$/);
  }).timeout(60_000);

  it("names what is missing, and the system's package manager where there is no apt", async () => {
    await using folder = await programsWithoutPass();
    const { exitCode, stdout, stderr } = await setUp(GOES_ON, { PATH: folder.path });
    assert.deepEqual([exitCode, stdout], [2, ""]);
    assert.match(stderr, /Missing on this machine:\n {2}pass: it keeps the store\n/);
    assert.match(stderr, /postern: error: Missing: pass\.\npostern: hint: .*package manager/);
  });

  for (const [name, dockerHost, message] of [
    ["another machine", "tcp://127.0.0.1:2375", /DOCKER_HOST does not name a Unix socket/],
    ["a socket where nothing listens", "unix:///nonexistent/docker.sock", /does not answer/],
  ] as const) {
    it(`refuses a DOCKER_HOST that names ${name}`, async () => {
      const { exitCode, stderr } = await setUp(GOES_ON, { DOCKER_HOST: dockerHost });
      assert.equal(exitCode, 2);
      assert.match(stderr, message);
      assert.match(stderr, /^postern: hint: /m);
    });
  }
});

if (isRoot) {
  describe("set-up as root", () => {
    it("installs without a terminal, and says so on standard error only", async () => {
      await using folder = await programsWithoutPass();
      const log = await fakeApt(folder.path);
      const { exitCode, stdout, stderr } = await setUp(GOES_ON, { PATH: folder.path });
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /\n {2}1 passing \(\d+s\)\n\n$/);
      assert.match(stderr, /Installing pass\./);
      const [update, install] = (await readFile(log, "utf8")).split("\n");
      assert.match(update ?? "", /^update /);
      assert.match(install ?? "", /^install --yes --no-install-recommends pass /);
    }).timeout(60_000);

    it("shows the end of the log when the installation fails", async () => {
      await using folder = await programsWithoutPass();
      await fakeProgram(folder.path, "apt-get", "echo E: Unable to locate package; exit 100");
      const { exitCode, stderr } = await setUp(GOES_ON, { PATH: folder.path });
      assert.equal(exitCode, 2);
      assert.match(stderr, /postern: error: Installing packages failed \(100\)\.\n/);
      assert.match(stderr, /E: Unable to locate package/);
    });

    for (const [answer, isInstalled] of [
      ["n", false],
      ["y", true],
    ] as const) {
      it(`asks on a terminal and takes ${answer} for an answer`, async () => {
        await using terminal = await pseudoTerminal();
        await using folder = await programsWithoutPass();
        const log = await fakeApt(folder.path);
        await using tty = await open(terminal.tty, "r+");
        const running = run([process.execPath], GOES_ON, { PATH: folder.path }, [tty.fd, "pipe", tty.fd]);
        await eventually("the question", () => terminal.screen().includes("Run this now? [Y/n]"));
        terminal.type(`${answer}\r`);
        const { exitCode } = await running;
        const wasCalled = await access(log).then(
          () => true,
          () => false,
        );
        assert.deepEqual([exitCode, wasCalled], [isInstalled ? 0 : 2, isInstalled]);
      }).timeout(60_000);
    }
  });

  describe("set-up as an ordinary user", () => {
    it("without a terminal, gives the one command to run", async () => {
      await using folder = await programsWithoutPass();
      const log = await fakeApt(folder.path);
      const { exitCode, stdout, stderr } = await setUpAsNobody({ PATH: folder.path });
      assert.deepEqual([exitCode, stdout], [2, ""]);
      assert.match(stderr, /postern: hint: Run: sudo apt-get install --yes --no-install-recommends pass\n/);
      await assert.rejects(access(log));
    });

    it("says what to do when the engine is not for this user", async () => {
      const { exitCode, stdout, stderr } = await setUpAsNobody({});
      assert.deepEqual([exitCode, stdout], [2, ""]);
      assert.match(stderr, /postern: error: You may not use the Docker Engine of this machine\.\npostern: hint: /);
    });
  });
}

interface Ended {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

async function setUp(parameters: string[], environment: Record<string, string> = {}): Promise<Ended> {
  return await run([process.execPath], parameters, environment, ["ignore", "pipe", "pipe"]);
}

/** Another user, who may still read the project wherever it lies. */
async function setUpAsNobody(environment: Record<string, string>): Promise<Ended> {
  const reading = ["--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search"];
  const nobody = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", ...reading];
  return await run([...nobody, process.execPath], GOES_ON, environment, ["ignore", "pipe", "pipe"]);
}

async function run(
  [program = "", ...before]: string[],
  parameters: string[],
  environment: Record<string, string>,
  stdio: StdioOptions,
): Promise<Ended> {
  const child = spawn(program, [...before, join(ROOT, "tools/setup.js"), ...parameters], {
    cwd: "/",
    env: { ...process.env, ...environment },
    stdio,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (piece: Buffer) => (output.stdout += piece.toString()));
  child.stderr?.on("data", (piece: Buffer) => (output.stderr += piece.toString()));
  await once(child, "close");
  return { exitCode: child.exitCode, ...output };
}

/** A directory for PATH with all that the system has, but pass and apt. */
async function programsWithoutPass(): Promise<AsyncDisposable & { path: string }> {
  const folder = await temporaryDirectory();
  await chmod(folder.path, 0o755);
  const programs = (await readdir("/usr/bin")).filter((name) => name !== "pass" && !name.startsWith("apt"));
  await Promise.all(programs.map((name) => symlink(join("/usr/bin", name), join(folder.path, name))));
  return folder;
}

/** An apt-get that notes what it is told, in a file whose path is returned. */
async function fakeApt(folder: string): Promise<string> {
  const log = join(folder, "apt.log");
  await fakeProgram(folder, "apt-get", `echo "$@" >> ${log}`);
  return log;
}
