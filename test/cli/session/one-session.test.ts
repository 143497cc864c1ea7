import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ONE_SESSION = join(import.meta.dirname, "../../../cli/session/one-session.ts");

describe("the only session process", () => {
  /** Tries when it is told to, says what came of it, and holds on until its input ends. */
  function contender(directory: string): { child: ChildProcess; told: Promise<string> } {
    const program = `
      import { beOnlySession } from ${JSON.stringify(ONE_SESSION)};
      process.stdin.once("data", async () => {
        const got = await beOnlySession(${JSON.stringify(directory)}).then(() => "only", ({ code }) => code);
        process.stdout.write(got);
      });
      process.stdin.on("end", () => process.exit());
      process.stdout.write("ready");`;
    const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    return { child, told: once(child.stdout, "data").then(String) };
  }

  async function answer(child: ChildProcess): Promise<string> {
    assert.ok(child.stdout && child.stdin);
    const said = once(child.stdout, "data");
    child.stdin.write("go");
    return String(await said);
  }

  it("is one of those that start at once, and another when that one is killed", async () => {
    await using directory = await temporaryDirectory();
    const contenders = Array.from({ length: 4 }, () => contender(directory.path));
    for (const { told } of contenders) assert.equal(await told, "ready");
    const answers = await Promise.all(contenders.map(({ child }) => answer(child)));
    assert.deepEqual(
      answers.toSorted((one, other) => one.localeCompare(other)),
      ["busy", "busy", "busy", "only"],
    );

    for (const { child } of contenders) child.kill("SIGKILL");
    await Promise.all(contenders.map(async ({ child }) => child.signalCode ?? (await once(child, "exit"))));
    const next = contender(directory.path);
    assert.equal(await next.told, "ready");
    assert.equal(await answer(next.child), "only");
    next.child.stdin?.end();
    await once(next.child, "exit");
  });
});
