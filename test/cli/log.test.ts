import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { testPostern } from "#test/harness/postern.ts";

describe("postern log", () => {
  it("shows nothing of a line that a terminal would obey", async () => {
    await using postern = await testPostern();
    const folder = join(postern.home, ".local/state/postern/log");
    await mkdir(folder, { recursive: true });
    const line = { time: "2026-01-01T00:00:00Z", gate: "\u001B[31mwork", type: "get", decision: "\u001B]0;x\u0007" };
    await writeFile(join(folder, "audit.jsonl"), `${JSON.stringify(line)}\n\u001B[2Jcut o`);
    const { exitCode, stdout } = await postern.run("log");
    assert.equal(exitCode, 0);
    assert.match(stdout, /work.*\n.*cut o\n$/);
    assert.doesNotMatch(stdout.replaceAll("\n", ""), /\p{Cc}/u);
  });
});
