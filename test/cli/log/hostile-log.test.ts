import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { createLogReader } from "#cli/log/log-reader.ts";
import { mutatedBytes } from "#test/harness/mutated-bytes.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { testCommand } from "#test/harness/command.ts";

const LINES = 100_000;
const bases = [
  {
    time: "2026-11-30T12:00:00.000Z",
    gate: "work",
    connection: 1,
    type: "find",
    origin: "https://example.com",
    decision: "allowed",
    reason: "1 entries",
  },
  {
    time: "x",
    gate: "\u001B[2J",
    type: "get",
    entry: "a\u202Eb",
    fields: ["password"],
    decision: "refused",
    reason: "denied",
    count: 3,
  },
  { gate: { deep: [[[]]] }, type: [1, [2]], count: "many" },
].map((line) => Buffer.from(JSON.stringify(line)));

describe("a log that a broken vault has written", function () {
  this.timeout(600_000);

  it("a hundred thousand lines of anything: each is shown inert, for people and as JSON", async () => {
    await using command = await testCommand();
    const folder = join(command.home, ".local/state/postern/log");
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lines = fc.sample(mutatedBytes(bases), LINES);
    await writeFile(join(folder, "audit.jsonl"), Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")])), {
      mode: 0o600,
    });
    for (const words of [["log"], ["log", "--json"]]) {
      const { exitCode, stdout, stderr } = await command.run(...words, "--lines", String(2 * LINES));
      assert.deepEqual([exitCode, stderr], [0, ""]);
      assert.doesNotMatch(stdout, /[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
      const shown = stdout.trimEnd().split("\n");
      assert.ok(shown.length > LINES / 2, `${shown.length} lines`);
      if (words.includes("--json")) for (const line of shown) assert.equal(typeof JSON.parse(line), "object");
    }
  });

  it("a line without an end takes no more memory than one that is as long as may be", async () => {
    await using folder = await temporaryDirectory();
    const path = join(folder.path, "audit.jsonl");
    await writeFile(path, Buffer.alloc(64 * 1024 * 1024, "x"), { mode: 0o600 });
    await using reader = createLogReader(path, process.getuid?.() ?? 0);
    for await (const line of reader.news()) assert.fail(line.slice(0, 20));
    assert.equal(reader.rest().length, 64 * 1024);
  });
});
