import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type ChildEnd, runBounded, startBounded } from "#broker/bounded-child.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("a bounded child", () => {
  const env = { PATH: process.env.PATH ?? "", ONLY: "this" };
  const never = new AbortController().signal;
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  before(async () => {
    directory = await temporaryDirectory();
  });
  beforeEach(() => rm(join(directory.path, "pids"), { force: true }));
  after(() => directory[Symbol.asyncDispose]());

  interface Options {
    input?: string;
    signal?: AbortSignal;
    args?: string[];
  }
  async function run(script: string, { input = "", signal = never, args = [] }: Options = {}): Promise<ChildEnd> {
    const program = await fakeProgram(directory.path, "child", script);
    return await runBounded(program, args, { env, input: Buffer.from(input), patience: 60_000, signal });
  }

  /** The script and what it started; it wrote their ids. */
  async function areGone(): Promise<void> {
    const pids = (await readFile(join(directory.path, "pids"), "utf8")).trim().split("\n");
    assert.equal(pids.length, 2);
    for (const pid of pids) {
      await eventually(`process ${pid} is gone`, async () => {
        const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => " Z ");
        return status.includes(" Z ");
      });
    }
  }
  async function isRunning(): Promise<boolean> {
    const pids = await readFile(join(directory.path, "pids"), "utf8").catch(() => "");
    return pids.split("\n").length > 2;
  }
  const writePids = (): string => `sleep 600 & printf '%s\\n' $$ $! > ${directory.path}/pids`;

  it("gives input, output, status and exit code", async () => {
    const { exitCode, output, status } = await run("cat; echo status >&3; echo error >&2; exit 3", { input: "text" });
    assert.deepEqual([exitCode, output.toString(), status], [3, "text", "status\n"]);
  });

  it("has no environment but the one it is given, and no argument that is read by a shell", async () => {
    process.env.POSTERN_TEST_LEAK = "leak";
    try {
      const { output } = await run('tr "\\0" "\\n" < /proc/$$/environ; printf %s "$1"', { args: ["$(id) `id` ; *"] });
      assert.equal(output.toString(), `PATH=${env.PATH}\nONLY=this\n$(id) \`id\` ; *`);
    } finally {
      delete process.env.POSTERN_TEST_LEAK;
    }
  });

  it("may leave its input unread", async () => {
    const { exitCode } = await run("exit 0", { input: "x".repeat(1024 * 1024) });
    assert.equal(exitCode, 0);
  });

  it("is killed with all it started when it prints without end", async () => {
    await assert.rejects(run(`${writePids()}; yes`), { code: "entry_invalid", message: /1 MiB/ });
    await areGone();
  });

  it("is killed with all it started when its status has no end", async () => {
    await assert.rejects(run(`${writePids()}; yes >&3`), { code: "entry_invalid" });
    await areGone();
  });

  it("is killed with all it started when the request ends", async () => {
    const request = new AbortController();
    const running = run(`${writePids()}; wait`, { signal: request.signal });
    running.catch(() => undefined);
    await eventually("it runs", isRunning);
    request.abort(new Error("cancelled"));
    await assert.rejects(running, /cancelled/);
    await areGone();
  });

  it("is killed with all it started when it takes too long", async () => {
    const program = await fakeProgram(directory.path, "child", `${writePids()}; wait`);
    const child = startBounded(program, [], env);
    await eventually("it runs", isRunning);
    const ended = child.finish(new Uint8Array(), { patience: 1, signal: never });
    await assert.rejects(ended, { code: "timeout", hint: /passphrase/ });
    await areGone();
  });

  it("leaves nothing behind when it ends by itself", async () => {
    const { exitCode } = await run(writePids());
    assert.equal(exitCode, 0);
    await areGone();
  });

  it("is not started when the request has ended before", async () => {
    const program = await fakeProgram(directory.path, "child", "exit 0");
    const signal = AbortSignal.abort(new Error("too late"));
    const before = processes();
    const running = runBounded(program, [], { env, input: new Uint8Array(), patience: 60_000, signal });
    // Before it could have been killed.
    assert.equal(processes(), before);
    await assert.rejects(running, /too late/);
  });

  it("tells that there is no such program", async () => {
    const started = runBounded("no-such-program", [], {
      env,
      input: new Uint8Array(),
      patience: 60_000,
      signal: never,
    });
    await assert.rejects(started, { code: "internal", hint: /GnuPG/ });
  });
});

/** How many processes that this one started have not been seen to end. */
function processes(): number {
  return process.getActiveResourcesInfo().filter((resource) => resource === "ProcessWrap").length;
}
