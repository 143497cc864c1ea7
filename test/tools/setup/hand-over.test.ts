import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { temporaryDirectory } from "../../harness/temporary.ts";

const HAND_OVER = join(import.meta.dirname, "../../../tools/setup/hand-over.js");

describe("handing over to the program", () => {
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    folder = await temporaryDirectory();
  });
  afterEach(() => folder[Symbol.asyncDispose]());

  /** Runs a program of these lines through hand-over. */
  async function start(lines: string, ...parameters: string[]): Promise<ChildProcess> {
    await writeFile(join(folder.path, "program.mjs"), lines);
    const world = JSON.stringify({ root: folder.path, environment: { PATH: process.env.PATH } });
    const program = JSON.stringify(["program.mjs", ...parameters]);
    const script = `
      import { handOver } from ${JSON.stringify(HAND_OVER)};
      handOver(${world}, process.execPath, ${program});`;
    return spawn(process.execPath, ["--input-type=module", "--eval", script], { stdio: ["ignore", "pipe", "inherit"] });
  }

  it("gives it its arguments and takes over its exit code", async () => {
    const child = await start("process.exitCode = process.argv.slice(2).length;", "a b", "--c", "");
    assert.deepEqual(await once(child, "exit"), [3, null]);
  });

  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    it(`passes ${signal} on and waits for the program's own end`, async () => {
      const child = await start(`
        process.on("${signal}", () => process.exit(7));
        setInterval(() => undefined, 1000);
        console.log("ready");`);
      if (child.stdout !== null) await once(child.stdout, "data");
      child.kill(signal);
      assert.deepEqual(await once(child, "exit"), [7, null]);
    });
  }

  it("ends by the signal that ended the program", async () => {
    const child = await start('process.kill(process.pid, "SIGKILL"); setInterval(() => undefined, 1000);');
    assert.deepEqual(await once(child, "exit"), [null, "SIGKILL"]);
  });
});
