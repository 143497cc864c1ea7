import assert from "node:assert/strict";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execute } from "#container/exec.ts";
import { profileName } from "#container/profiles.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const GATES = "/run/postern/gates";
const LOG = "/var/lib/postern";
const NODE = "/usr/libexec/postern/node";

/** Waits until a gate is open, puts its directory aside and a link in its place. */
function exchange(gate: string, target: string): string {
  const path = JSON.stringify(`${GATES}/${gate}`);
  // renameat2(2) with RENAME_EXCHANGE: there is no moment without a directory.
  const perl = `exit(syscall(${process.arch === "arm64" ? 276 : 316}, -100, $ARGV[0], -100, $ARGV[1], 2))`;
  return `const fs = require("node:fs");
    fs.symlinkSync(${JSON.stringify(target)}, ${path} + "-aside");
    const mode = () => fs.statSync(${path} + "/bridge.sock", { throwIfNoEntry: false })?.mode & 0o777;
    while (mode() !== 0o660 && mode() !== 0o600);
    require("node:child_process").execFileSync("perl", ["-e", ${JSON.stringify(perl)}, ${path}, ${path} + "-aside"]);`;
}

describe("attack by a vault that gpg's parser was broken in", function () {
  this.timeout(300_000);
  let postern: TestPostern;
  let secrets: string;
  before(async () => {
    postern = await testPostern();
    secrets = join(postern.home, "secrets");
    await mkdir(secrets);
    await writeFile(join(secrets, "key"), "MARKER");
    const { exitCode, stderr } = await postern.run("up", `${postern.gate}-first`, "--headless");
    assert.equal(exitCode, 0, stderr);
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await postern.engine.getVolume(profileName(postern.engine.owner, `${postern.gate}-first`)).remove();
  });

  it("has no file of the user's to write but its log and what it keeps count of", async () => {
    const { stdout } = await inVault("sh", "-c", `ls -A ${LOG}`);
    const others = stdout
      .trim()
      .split("\n")
      .filter((name) => !/^(?:lookups-[a-z0-9-]+|filled)\.json/.test(name));
    assert.deepEqual(others, ["audit.jsonl"]);
    const { stdout: mounts } = await inVault("cat", "/proc/self/mountinfo");
    const writable = Array.from(mounts.matchAll(/^\d+ \d+ \S+ \S+ (\S+) rw,/gm), ([, point = ""]) => point);
    // The rest is the container's own, in memory.
    const shared = writable.filter((point) => !/^\/(?:tmp|run|(?:proc|dev|sys)(?:\/.*)?)$/.test(point));
    assert.deepEqual(shared.toSorted(), [GATES, LOG]);
  });

  it("can not have another directory mounted into a browser", async () => {
    const watching = inVault(NODE, "-e", exchange(postern.gate, secrets));
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal((await watching).exitCode, 0);
    assert.equal(exitCode, 2, stderr);
    const log = await readFile(join(postern.home, ".local/state/postern/session.log"), "utf8");
    assert.match(log, /not the one that was made for it/, stderr);
    await assert.rejects(postern.container("firefox"), { statusCode: 404 });
  });

  it("leads nobody to what it links to, and the gate opens again", async () => {
    assert.equal((await postern.run("up", postern.gate, "--headless")).exitCode, 0);
    const browser = await postern.container("firefox");
    const { stdout } = await execute(postern.engine, browser, ["ls", "-A", "/run/postern"]);
    assert.equal(stdout, "bridge.sock\n");
    await postern.run("down");
    assert.deepEqual(await readdir(secrets), ["key"]);
    assert.equal(await readFile(join(secrets, "key"), "utf8"), "MARKER");
  });

  async function inVault(...command: string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
    return await execute(postern.engine, await postern.container("vault"), command);
  }
});
