import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROGRAM = join(import.meta.dirname, "../../bench/main.ts");

describe("npm run bench", () => {
  const bench = async (...parameters: string[]): Promise<string> =>
    (await run(process.execPath, [PROGRAM, ...parameters])).stdout;

  it("explains itself, and refuses what is no number", async () => {
    assert.match(await bench("--help"), /^Usage: npm run bench/);
    await assert.rejects(bench("--entries", "10,many"), { code: 2, stderr: /--help/ });
  });
});
