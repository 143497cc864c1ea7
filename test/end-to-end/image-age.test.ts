import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "#test/harness/eventually.ts";
import { DIST } from "#test/container/running.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";

const DAY = 24 * 60 * 60 * 1000;

/** Does something while the session process runs with a clock that is ahead. */
async function later(days: number, act: (postern: TestPostern) => Promise<void>): Promise<void> {
  await using postern = await testPostern();
  const clock = `const { now } = Date; Date.now = () => now() + ${days * DAY};`;
  const program = ["--import", `data:text/javascript,${encodeURIComponent(clock)}`, join(DIST, "postern-session.cjs")];
  const session = spawn(process.execPath, program, { env: postern.environment, stdio: "ignore" });
  const ended = once(session, "exit");
  try {
    const path = join(postern.home, "run/postern/session.sock");
    // Not connected to: it ends when whoever came goes without an order.
    await eventually("the session process", async () => (await lstat(path).catch(() => undefined))?.isSocket());
    await act(postern);
  } finally {
    session.kill();
    await ended;
  }
}

describe("end to end: the age of the browser's image", function () {
  this.timeout(600_000);

  it("is shown by up and by status", async () => {
    await using postern = await testPostern();
    const up = await postern.run("up", postern.gate, "--headless");
    assert.equal(up.exitCode, 0, up.stderr);
    assert.match(up.stdout, /^The browser's image: (?:made today|\d+ days? old)\.$/m);
    const { stdout } = await postern.run("status");
    assert.match(stdout, /^Runs {4}postern-firefox-\S+ \(image [0-9a-f]{12}, (?:made today|\d+ days? old)\)$/m);
    assert.match(stdout, /^Runs {4}postern-vault-\S+ \(image [0-9a-f]{12}\)$/m);
    assert.equal(up.stderr.includes("postern: warning:"), false);
  });

  it("is warned about when it has missed an update, with the command that makes a new one", () =>
    later(45, async (postern) => {
      const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
      assert.equal(exitCode, 0, stderr);
      assert.match(stderr, /^postern: warning: The browser's image is \d+ days old.*\npostern: hint: .*up --rebuild$/m);
    }));

  it("stands in the way of a start when it has missed two, and nothing is left", () =>
    later(70, async (postern) => {
      const stale: Run = await postern.run("up", postern.gate, "--headless");
      assertExplained(stale, /The browser's image is \d+ days old.* not started/, /postern up --rebuild/);
      await nothingLeft(postern);
    }));
});
