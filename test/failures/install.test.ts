import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { assertExplained } from "#test/harness/failure.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { treeOf } from "#test/harness/tree.ts";

describe("postern install, with a home directory", function () {
  this.timeout(300_000);
  let postern: TestPostern;
  let home: string;
  beforeEach(async () => {
    postern = await testPostern();
    home = join(postern.home, "disk");
    await mkdir(home);
    postern.environment.HOME = home;
  });
  afterEach(async () => {
    await execa("umount", ["--lazy", home]);
    await postern[Symbol.asyncDispose]();
  });
  const mount = async (options: string): Promise<void> => {
    await execa("mount", ["-t", "tmpfs", "-o", `mode=700,${options}`, "tmpfs", home]);
    await mkdir(join(home, ".mozilla/firefox"), { recursive: true });
  };
  const remount = async (options: string) => await execa("mount", ["-o", `remount,${options}`, home]);

  it("that is read-only: says what can not be written, and leaves nothing", async () => {
    await mount("size=1m");
    await remount("ro");
    const tree = await treeOf(home);
    assertExplained(
      await postern.run("install"),
      /\/disk\/\.local can not be written/,
      /namei --long .*\/disk\/\.local$/,
    );
    assert.deepEqual(await treeOf(home), tree);
  });

  it("whose disk is full: says how to see that, and leaves nothing", async () => {
    await mount("size=8m");
    const tree = await treeOf(home);
    assertExplained(await postern.run("install"), /no room on the disk for .*\/postern\/program/, /df \/.*\/disk$/);
    assert.deepEqual(await treeOf(home), tree);
  });

  it("whose disk becomes full at any of its steps: leaves nothing; and with room it works", async () => {
    await mount("size=400m");
    const tree = await treeOf(home);
    let failed = 0;
    let inodes = Object.keys(tree).length + 1;
    for (;;) {
      await remount(`nr_inodes=${inodes}`);
      const run = await postern.run("install");
      if (run.exitCode === 0) break;
      failed += 1;
      assertExplained(run, /no room on the disk for /, /df \/.*\/disk$/);
      assert.deepEqual(await treeOf(home), tree, `with ${inodes} inodes`);
      // One by one at first, and in the middle of the program's many files in greater steps.
      inodes += inodes < 10 || inodes > 35 ? 1 : 6;
    }
    assert.ok(failed > 10, `${failed} failed`);
  });

  it("whose disk becomes full while an older installation is renewed: leaves that as it was", async () => {
    await mount("size=400m");
    assert.equal((await postern.run("install")).exitCode, 0);
    const tree = await treeOf(home);
    // For another browser there is no inode left.
    await remount(`nr_inodes=${Object.keys(tree).length + 1}`);
    assertExplained(await postern.run("install", "firefox", "chromium"), /no room on the disk for /, /df \/.*\/disk$/);
    assert.deepEqual(await treeOf(home), tree);
    await remount("nr_inodes=1000");
    assert.equal((await postern.run("install", "firefox", "chromium")).exitCode, 0);
    assert.notDeepEqual(await treeOf(home), tree);
  });
});
