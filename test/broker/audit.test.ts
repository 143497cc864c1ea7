import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, readdir, rm, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Decision, openAudit } from "#broker/audit.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const run = promisify(execFile);
const FILES = ["audit.1.jsonl", "audit.jsonl", "audit.kept.jsonl"];
const SMALL = 2_000;

const fill = (entry: string): Decision => ({
  gate: "work",
  type: "get",
  entry,
  decision: "allowed",
  reason: "allowed once",
});
/** No two are the same to the fold: the reason is not what an asker can vary. */
const noise = (at: number): Decision => ({ gate: "work", type: "get", decision: "refused", reason: `noise ${at}` });

describe("the log of decisions", function () {
  this.timeout(60_000);
  let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
  let directory: string;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
    directory = temporary.path;
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  async function lines(...names: string[]): Promise<Record<string, unknown>[]> {
    const texts = await Promise.all(names.map((name) => readFile(join(directory, name), "utf8")));
    return texts.flatMap((text) => {
      assert.ok(text.endsWith("\n"));
      return text
        .trimEnd()
        .split("\n")
        .map((line): Record<string, unknown> => JSON.parse(line));
    });
  }

  async function record(count: number, maxBytes = SMALL): Promise<void> {
    await using audit = await openAudit(directory, { maxBytes });
    for (let at = 0; at < count; at++) {
      if (at % 50 === 0) await audit.record(fill(`entry${at}`));
      await audit.record(noise(at));
    }
  }

  it("is rotated by its length, in files of the user's alone, and no fill is lost over hundreds of times", async () => {
    for (let round = 0; round < 3; round++) await record(2_000);
    assert.deepEqual((await readdir(directory)).toSorted(), FILES);
    for (const name of FILES) assert.equal((await stat(join(directory, name))).mode & 0o777, 0o600);
    for (const name of FILES.slice(0, 2)) assert.ok((await stat(join(directory, name))).size < SMALL + 200);
    const all = await lines("audit.kept.jsonl", "audit.1.jsonl", "audit.jsonl");
    const fills = all.filter(({ decision }) => decision === "allowed").map(({ entry }) => entry);
    const expected = Array.from({ length: 40 }, (_, index) => `entry${index * 50}`);
    assert.deepEqual(fills, [...expected, ...expected, ...expected]);
    assert.ok((await lines("audit.kept.jsonl")).every(({ decision }) => decision === "allowed"));
    assert.equal(all.at(-1)?.reason, "noise 1999");
  });

  it("goes on as it is where it can not be rotated, and is rotated later", async () => {
    await mkdir(join(directory, "audit.1.jsonl/in-the-way"), { recursive: true });
    await record(100);
    assert.equal((await lines("audit.jsonl")).length, 102);
    await rm(join(directory, "audit.1.jsonl"), { recursive: true });
    await record(100);
    const all = await lines("audit.kept.jsonl", "audit.1.jsonl", "audit.jsonl");
    assert.equal(all.filter(({ decision }) => decision === "allowed").length, 4);
  });

  it("begins a line of its own after one that was cut off", async () => {
    await writeFile(join(directory, "audit.jsonl"), `${JSON.stringify(noise(1))}\n{"time":"cut o`);
    await using audit = await openAudit(directory);
    await audit.record(fill("a"));
    await audit.record(fill("b"));
    const text = await readFile(join(directory, "audit.jsonl"), "utf8");
    assert.match(text, /^\{.*\}\n\{"time":"cut o\n\{.*"entry":"a".*\}\n\{.*"entry":"b".*\}\n$/);
  });

  it("loses no fill after one that was cut off while it was kept", async () => {
    await writeFile(join(directory, "audit.kept.jsonl"), `${JSON.stringify(fill("first"))}\n{"time":"cut o`);
    await record(100);
    const all = (await readFile(join(directory, "audit.kept.jsonl"), "utf8")).trimEnd().split("\n");
    const cut = all.filter((line) => !line.endsWith("}"));
    assert.deepEqual(cut, ['{"time":"cut o']);
    const kept = all.filter((line) => !cut.includes(line)).map((line): Record<string, unknown> => JSON.parse(line));
    const fills = [...kept, ...(await lines("audit.1.jsonl", "audit.jsonl"))].filter(
      ({ decision }) => decision === "allowed",
    );
    assert.deepEqual(
      fills.map(({ entry }) => entry),
      ["first", "entry0", "entry50"],
    );
  });

  it("writes what was counted when it is closed", async () => {
    {
      await using audit = await openAudit(directory);
      for (let times = 0; times < 10; times++) await audit.record(noise(1));
    }
    assert.deepEqual(
      (await lines("audit.jsonl")).map(({ count }) => count),
      [undefined, undefined, undefined, 7],
    );
  });

  it("that can not be opened or written refuses what is to be released", async () => {
    await symlink("/dev/full", join(directory, "audit.jsonl"));
    await using full = await openAudit(directory);
    await assert.rejects(full.record(fill("a")), { code: "internal", message: /nothing is released/ });
    const later = join(directory, "none");
    await using none = await openAudit(later);
    await assert.rejects(none.record(fill("a")), { code: "internal", message: /nothing is released/ });
    await mkdir(later);
    await none.record(fill("once there is room"));
    assert.match(await readFile(join(later, "audit.jsonl"), "utf8"), /^\{.*"entry":"once there is room".*\}\n$/);
  });

  it("has no part of a line of a disk that was full, and is written again when there is room", async () => {
    await run("mount", ["-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs", directory]);
    try {
      await using audit = await openAudit(directory);
      await writeFile(join(directory, "filler"), "x".repeat(48 * 1024));
      let written = 0;
      const untilFull = async (): Promise<void> => {
        for (; written < 10_000; written++) await audit.record(fill(`${written}`));
      };
      await assert.rejects(untilFull(), { code: "internal" });
      assert.equal((await lines("audit.jsonl")).length, written);
      await rm(join(directory, "filler"));
      await audit.record(fill("last"));
      assert.equal((await lines("audit.jsonl")).at(-1)?.entry, "last");
    } finally {
      await run("umount", ["--lazy", directory]);
    }
  });
});
