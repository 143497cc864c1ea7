import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "../harness/temporary.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");
const COPIED = ["package.json", "tsconfig.base.json", "host-bridge", "manifests", "container", "extension", "cli"];

/** A file that starts to import what its side of the boundary may not. */
const WRONG: { folder: string; file: string; line: string }[] = [
  { folder: "host-bridge/protocol", file: "names.ts", line: 'export { readFile } from "node:fs";' },
  { folder: "host-bridge/protocol", file: "names.ts", line: "export const title = document.title;" },
  { folder: "host-bridge/protocol", file: "names.ts", line: 'export { encodeFrame } from "#wire/frame.ts";' },
  { folder: "host-bridge/wire", file: "frame.ts", line: 'export { policyOf } from "#broker/policy.ts";' },
  { folder: "host-bridge/host", file: "relay.ts", line: 'export { createGpg } from "#broker/gpg.ts";' },
  { folder: "host-bridge/broker", file: "policy.ts", line: 'export { promptText } from "#consent/prompt-text.ts";' },
  { folder: "host-bridge/consent", file: "person.ts", line: 'export { createGpg } from "../broker/gpg.ts";' },
  { folder: "manifests", file: "native-manifest.ts", line: 'export { connectEngine } from "#container/engine.ts";' },
  { folder: "container", file: "engine.ts", line: 'export { createGpg } from "#broker/gpg.ts";' },
  { folder: "extension", file: "manifest.ts", line: 'export { createGpg } from "#broker/gpg.ts";' },
  { folder: "extension", file: "manifest.ts", line: 'export { readFile } from "node:fs";' },
  { folder: "cli", file: "places.ts", line: 'export { createGpg } from "#broker/gpg.ts";' },
];

describe("boundaries between folders", () => {
  let copy: Awaited<ReturnType<typeof temporaryDirectory>>;
  before(async function () {
    this.timeout(120_000);
    copy = await temporaryDirectory();
    for (const name of COPIED) await cp(join(ROOT, name), join(copy.path, name), { recursive: true });
    await symlink(join(ROOT, "node_modules"), join(copy.path, "node_modules"));
    const folders = new Set(WRONG.map(({ folder }) => folder));
    assert.equal(await compile(copy.path, "--build", ...folders), "");
  });
  after(() => copy[Symbol.asyncDispose]());

  for (const { folder, file, line } of WRONG) {
    it(`${folder} may not have: ${line}`, async () => {
      const path = join(copy.path, folder, file);
      const sound = await readFile(path, "utf8");
      await writeFile(path, `${sound}${line}\n`);
      const errors = await compile(copy.path, "--noEmit", "--project", folder);
      await writeFile(path, sound);
      const at = `${folder}/${file}(${sound.split("\n").length},`;
      assert.ok(
        errors.split("\n").some((error) => error.startsWith(at)),
        errors,
      );
    }).timeout(60_000);
  }
});

/** The compiler's errors. */
async function compile(root: string, ...parameters: string[]): Promise<string> {
  const compiler = join(ROOT, "node_modules/.bin/tsc");
  const ended = run(compiler, [...parameters, "--pretty", "false"], { cwd: root, timeout: 50_000 });
  return await ended.then(
    ({ stdout }) => stdout,
    (error: { stdout: string }) => error.stdout,
  );
}
