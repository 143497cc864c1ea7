import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Report } from "#bench/report.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, "../../bench/main.ts");

describe("npm run bench", function () {
  this.timeout(120_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  before(async () => {
    directory = await temporaryDirectory();
  });
  after(() => directory[Symbol.asyncDispose]());

  async function bench(...parameters: string[]): Promise<string> {
    const env = { ...process.env, TMPDIR: directory.path };
    return (await run(process.execPath, [PROGRAM, ...parameters], { env })).stdout;
  }

  it("measures everything on a store of the size that is asked for, and leaves nothing behind", async () => {
    const { cases, memory }: Report = JSON.parse(await bench("--entries", "40", "--rounds", "1", "--json"));
    assert.equal(cases.length, 12);
    for (const { name, entries, ms, peer, peerMs, ratio } of cases) {
      assert.equal(entries, 40);
      assert.ok(ms > 0, name);
      // browserpass need not be installed.
      assert.equal(peer === null || peerMs === null ? null : ms / peerMs, ratio);
    }
    const own = cases.filter(({ peer }) => peer === "gpg --decrypt").map(({ key }) => key);
    assert.deepEqual(own, ["cv25519", "rsa3072", "cv25519 with a passphrase"]);
    assert.deepEqual(
      memory.map(({ process }) => process),
      ["postern-host", "postern-broker"],
    );
    for (const { mb } of memory) assert.ok(mb > 1);
    assert.deepEqual(await readdir(directory.path), []);
  });

  it("explains itself, and refuses what is no number", async () => {
    assert.match(await bench("--help"), /^Usage: npm run bench/);
    await assert.rejects(bench("--entries", "10,many"), { code: 2, stderr: /--help/ });
  });
});
