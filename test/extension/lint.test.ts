import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { buildExtension } from "#tools/build/extension.ts";
import { temporaryDirectory } from "../harness/temporary.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

describe("the built extension", () => {
  it("passes Mozilla's own checks without a warning", async () => {
    await using directory = await temporaryDirectory();
    await buildExtension(ROOT, directory.path);
    const linter = join(ROOT, "node_modules/.bin/web-ext");
    const source = join(directory.path, "firefox");
    const options = [
      "lint",
      "--no-config-discovery",
      "--output=json",
      "--warnings-as-errors",
      `--source-dir=${source}`,
    ];
    const { stdout } = await run(linter, options, {
      cwd: directory.path,
      timeout: 50_000,
      // It would note in the home that it looked for a newer version.
      env: { ...process.env, NO_UPDATE_NOTIFIER: "1" },
    });
    const { summary }: { summary: object } = JSON.parse(stdout);
    assert.deepEqual(summary, { errors: 0, notices: 0, warnings: 0 });
  }).timeout(60_000);
});
