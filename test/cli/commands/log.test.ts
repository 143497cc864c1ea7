import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { appendFile, chown, mkdir, rename, rm, stat, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { openAudit } from "#broker/audit.ts";
import { type TestCommand, testCommand } from "#test/harness/command.ts";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained } from "#test/harness/failure.ts";

const line = (reason: string): string =>
  `${JSON.stringify({ time: "2026-01-01T00:00:00Z", gate: "work", type: "get", decision: "allowed", reason })}\n`;
const SHOWN = (reason: string): string => `2026-01-01T00:00:00Z  work  get allowed: ${reason}  \n`;

describe("postern log", function () {
  this.timeout(60_000);
  let postern: TestCommand;
  let path: string;
  beforeEach(async () => {
    postern = await testCommand();
    path = join(postern.home, ".local/state/postern/log/audit.jsonl");
    await mkdir(join(path, ".."), { recursive: true, mode: 0o700 });
  });
  afterEach(() => postern[Symbol.asyncDispose]());

  it("shows the last decisions, one that was cut off as far as it goes", async () => {
    assert.equal((await postern.run("log")).stdout, "Nothing was asked yet.\n");
    await writeFile(path, `${line("a")}${line("b")}{"time":"cut o`);
    assert.equal((await postern.run("log")).stdout, `${SHOWN("a")}${SHOWN("b")}{"time":"cut o\n`);
    assert.equal((await postern.run("log", "-n", "2")).stdout, `${SHOWN("b")}{"time":"cut o\n`);
    const json = (await postern.run("log", "--json", "-n", "2")).stdout;
    assert.equal(json, `${line("b")}{"unreadable":"{\\"time\\":\\"cut o"}\n`);
  });

  it("shows what was rotated out before, and how often what was folded came", async () => {
    await writeFile(join(path, "../audit.kept.jsonl"), line("a"));
    await writeFile(join(path, "../audit.1.jsonl"), line("b"));
    const folded = {
      time: "2026-01-01T00:00:00Z",
      gate: "work",
      type: "get",
      decision: "refused",
      reason: "c",
      count: 7,
    };
    await writeFile(path, `${JSON.stringify(folded)}\n`);
    const shown = "2026-01-01T00:00:00Z  work  get refused: c, 7 more  \n";
    assert.equal((await postern.run("log")).stdout, `${SHOWN("a")}${SHOWN("b")}${shown}`);
    assert.equal((await postern.run("log", "-n", "2")).stdout, `${SHOWN("b")}${shown}`);
  });

  it("follows a log that the broker itself rotates", async () => {
    const { child, written, ended } = postern.start("log", "--follow", "-n", "1000", "--json");
    await using audit = await openAudit(join(path, ".."), { maxBytes: 800 });
    const reasons = Array.from({ length: 24 }, (_, index) => `number ${index}`);
    for (const reason of reasons) {
      await audit.record({ gate: "work", type: "get", decision: "allowed", reason });
      await eventually(reason, () => written().stdout.includes(`"${reason}"`));
    }
    const shown = written().stdout.trimEnd().split("\n");
    assert.deepEqual(
      shown.map((each) => /number \d+/.exec(each)?.[0]),
      reasons,
    );
    assert.ok((await stat(join(path, "../audit.kept.jsonl"))).size > 0);
    child.kill("SIGTERM");
    await ended;
  });

  it("shows nothing of a line that a terminal would obey, as JSON neither", async () => {
    const hostile = { gate: "\u001B[31mwork", type: "\u009B2J", decision: "\u001B]0;x\u0007", reason: "\u202Eevil" };
    await writeFile(path, `${JSON.stringify(hostile)}\n\u001B[2Jcut \u009B2Jo`);
    for (const options of [[], ["--json"]]) {
      const { exitCode, stdout } = await postern.run("log", ...options);
      assert.equal(exitCode, 0);
      assert.match(stdout, /work.*evil.*\n.*cut .*o"?\}?\n$/);
      assert.doesNotMatch(stdout.replaceAll("\n", ""), /[\p{Cc}\p{Cf}]/u);
    }
  });

  it("is stopped by no line, whatever a broken vault has written into it", async () => {
    const deep = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
    const odd = [`{"time":{"toString":1,"valueOf":1}}`, `{"time":${deep}}`, `{"x":${deep}}`, "[]", "null", "1"];
    const fields = `{"fields":["username","password"]}\n`;
    await writeFile(path, `${odd.join("\n")}\n${fields}${line("last")}`);
    for (const options of [[], ["--json"]]) {
      const { exitCode, stdout, stderr } = await postern.run("log", ...options);
      assert.deepEqual([exitCode, stderr], [0, ""]);
      assert.equal(stdout.trimEnd().split("\n").length, odd.length + 2);
      assert.match(stdout, /last.*\n$/);
    }
    assert.ok((await postern.run("log", "--json")).stdout.includes(fields));
  });

  it("follows what comes, over the log's rotation and when it is cut short", async () => {
    const { child, written, ended } = postern.start("log", "--follow", "-n", "1");
    const shows = (...reasons: string[]): Promise<boolean> =>
      eventually(reasons.join(", "), () => written().stdout === reasons.map(SHOWN).join(""));
    await writeFile(path, line("first"));
    await shows("first");
    await appendFile(path, line("second").slice(0, 40));
    await appendFile(path, line("second").slice(40));
    await shows("first", "second");
    // Something is still written to the former file, and it ends cut off.
    await rename(path, `${path}.1`);
    await appendFile(`${path}.1`, line("third"));
    await writeFile(path, line("fourth"));
    await shows("first", "second", "third", "fourth");
    await truncate(path);
    await appendFile(path, line("5"));
    await shows("first", "second", "third", "fourth", "5");
    child.kill("SIGTERM");
    await ended;
  });

  it("ends when nobody reads what it shows any more", async () => {
    const { child, written, ended } = postern.start("log", "--follow");
    await writeFile(path, line("first"));
    await eventually("the first", () => written().stdout === SHOWN("first"));
    child.stdout?.destroy();
    await eventually("the end", async () => {
      await appendFile(path, line("more"));
      return child.exitCode === 0;
    });
    await ended;
  });

  for (const options of [[], ["--json"], ["--follow"]]) {
    it(`${options.join(" ")} shows nothing of what a link in its place leads to`, async () => {
      const secret = join(postern.home, "secret");
      await writeFile(secret, "a private key\n");
      await symlink(secret, path);
      const run = await postern.run("log", ...options);
      assertExplained(run, /is not a file of yours/, /ls -l /);
      assert.equal(run.stdout, "");
    });
  }

  it("shows nothing of a link that is put in its place while it is followed", async () => {
    const { written, ended } = postern.start("log", "--follow");
    await writeFile(path, line("first"));
    await eventually("the first", () => written().stdout === SHOWN("first"));
    await writeFile(join(postern.home, "secret"), "a private key\n");
    await rm(path);
    await symlink(join(postern.home, "secret"), path);
    const run = await ended;
    assertExplained(run, /is not a file of yours/, /ls -l /);
    assert.equal(run.stdout, SHOWN("first"));
  });

  it("waits for no pipe, and takes no file of somebody else's", async function () {
    await promisify(execFile)("mkfifo", [path]);
    assertExplained(await postern.run("log"), /is not a file of yours/, /ls -l /);
    await rm(path);
    await writeFile(path, line("a"));
    await chown(path, 65_532, 65_532);
    assertExplained(await postern.run("log"), /is not a file of yours/, /ls -l /);
  });
});
