import assert from "node:assert/strict";
import { appendFile, mkdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

const PAGE = 4096;

describe("postern up, with the state directory's disk full", function () {
  this.timeout(200_000);
  let postern: TestPostern;
  let disk: string;
  let filler: string;
  before(async () => {
    postern = await testPostern();
    disk = join(postern.home, "disk");
    filler = join(disk, "filler");
    await mkdir(disk);
    await execa("mount", ["-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", disk]);
    postern.environment.XDG_STATE_HOME = disk;
  });
  after(async () => {
    await postern.run("down");
    await execa("umount", ["--lazy", disk]);
    await postern[Symbol.asyncDispose]();
  });

  /** To the last byte: also that of the log's last page, in which a decision or two would still fit. */
  async function fill(): Promise<void> {
    const log = join(disk, "postern/log/audit.jsonl");
    const { size } = await stat(log).catch(() => ({ size: 0 }));
    if (size % PAGE > 0) await appendFile(log, `${" ".repeat(PAGE - (size % PAGE) - 1)}\n`);
    await execa("dd", ["if=/dev/zero", `of=${filler}`, `bs=${PAGE}`], { reject: false });
  }
  const up = () => postern.run("up", postern.gate, "--headless");

  it("to the last inode: says where there is no room, and starts nothing", async () => {
    const full = join(postern.home, "full");
    await mkdir(full);
    await execa("mount", ["-t", "tmpfs", "-o", "nr_inodes=1,mode=700", "tmpfs", full]);
    postern.environment.XDG_STATE_HOME = full;
    try {
      assertExplained(await up(), /no room on the disk for .*\/full\/postern\./, /df .*\/full$/);
    } finally {
      postern.environment.XDG_STATE_HOME = disk;
      await execa("umount", [full]);
    }
    await nothingLeft(postern);
  });

  it("from the start: releases nothing that can not be logged, says so, and leaves nothing running", async () => {
    await fill();
    assertExplained(await up(), /not filled\. The log can not be written, so nothing is released\./, /df -h/);
    await nothingLeft(postern);
  });

  it("once it is up: releases nothing any more", async () => {
    await rm(filler);
    const { exitCode, stderr } = await up();
    assert.equal(exitCode, 0, stderr);
    await fill();
    assertExplained(await up(), /not filled\. The log can not be written, so nothing is released\./, /df -h/);
  });

  it("works again when there is room", async () => {
    await rm(filler);
    const { exitCode, stderr } = await up();
    assert.equal(exitCode, 0, stderr);
  });
});
