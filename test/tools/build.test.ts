import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { buildAll } from "#tools/build/build-all.ts";
import { temporaryDirectory } from "../harness/temporary.ts";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

describe("the build", () => {
  let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
  let built: Map<string, string>;
  before(async function () {
    this.timeout(60_000);
    folder = await temporaryDirectory();
    await buildAll(ROOT, join(folder.path, "one"));
    built = await digests(join(folder.path, "one"));
  });
  after(() => folder[Symbol.asyncDispose]());

  it("gives the same bytes twice", async () => {
    await buildAll(ROOT, join(folder.path, "two"));
    assert.deepEqual(await digests(join(folder.path, "two")), built);
  }).timeout(60_000);

  it("gives the same bytes in another time zone, at another time, under another mask", async () => {
    const script = `
      const now = Date.now;
      Date.now = () => now() + 400 * 24 * 60 * 60 * 1000;
      globalThis.Date = new Proxy(Date, {
        construct: (Date, given) => (given.length === 0 ? new Date(Date.now()) : new Date(...given)),
      });
      const { buildAll } = await import("#tools/build/build-all.ts");
      await buildAll(${JSON.stringify(ROOT)}, ${JSON.stringify(join(folder.path, "three"))});`;
    const command = [process.execPath, "--input-type=module", "--eval", script];
    await run("sh", ["-c", 'umask 027; exec "$@"', "sh", ...command], {
      cwd: ROOT,
      env: { ...process.env, TZ: "Pacific/Kiritimati", LANG: "tr_TR.UTF-8" },
    });
    assert.deepEqual(await digests(join(folder.path, "three")), built);
  }).timeout(60_000);

  it("makes every file that is run or packed", () => {
    const made = [...built.keys()];
    for (const name of [
      "postern.cjs",
      "postern-session.cjs",
      "postern-prompt.cjs",
      "postern-sound.cjs",
      "postern-host.cjs",
      "postern-broker.cjs",
      "login-page.cjs",
      "LICENSES.txt",
      "sbom.cdx.json",
      "container/firefox/Dockerfile",
      "container/vault/Dockerfile",
      "extension/postern-firefox.xpi",
      "extension/firefox/manifest.json",
      "extension/chromium/manifest.json",
    ]) {
      assert.ok(made.includes(name), name);
    }
  });

  it("packs just the extension's folder, times left out", async () => {
    const xpi = join(folder.path, "one/extension/postern-firefox.xpi");
    const inFolder = [...built.keys()].filter((name) => name.startsWith("extension/firefox/"));
    const listed = centralDirectory(await readFile(xpi));
    assert.deepEqual(
      listed.map(({ name }) => `extension/firefox/${name}`),
      inFolder,
    );
    // 1 January 1980, midnight.
    for (const { time, date } of listed) assert.deepEqual([time, date], [0, 0x21]);
  });

  it("makes an extension of which Mozilla's linter has nothing to say", async () => {
    const linter = join(ROOT, "node_modules/.bin/web-ext");
    const folderArgument = ["--source-dir", join(folder.path, "one/extension/firefox")];
    const options = ["lint", ...folderArgument, "--output", "json", "--no-config-discovery"];
    // What looks for updates writes into the home.
    const { stdout } = await run(linter, options, { env: { ...process.env, NO_UPDATE_NOTIFIER: "1" } });
    const { summary }: { summary: unknown } = JSON.parse(stdout);
    assert.deepEqual(summary, { errors: 0, notices: 0, warnings: 0 });
  }).timeout(60_000);

  it("makes programs that stand alone and name no path of this machine", async () => {
    const command = join(folder.path, "one/postern.cjs");
    assert.equal((await stat(command)).mode & 0o111, 0o111);
    const { stdout } = await run(process.execPath, [command, "--help"], { cwd: "/", env: {} });
    assert.match(stdout, /^Usage: postern /);
    for (const name of ["postern", "postern-session", "postern-host", "postern-broker", "login-page"]) {
      const text = await readFile(join(folder.path, "one", `${name}.cjs`), "utf8");
      assert.ok(!text.includes(ROOT), name);
      // After a quotation mark it is text that a code generator holds.
      const required = [...text.matchAll(/(?<!['"`])\brequire\("([^"]+)"\)/g)].map(([, module]) => module ?? "");
      assert.ok(required.length > 0, name);
      for (const module of required) assert.ok(isBuiltin(module), `${name} requires ${module}`);
    }
  });
});

/** Path below the folder to digest, in order. */
async function digests(root: string): Promise<Map<string, string>> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const all = new Map<string, string>();
  for (const path of paths.toSorted()) {
    all.set(
      relative(root, path),
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    );
  }
  return all;
}

/** The files that a zip archive lists (APPNOTE.TXT, 4.3.12). */
function centralDirectory(archive: Buffer): { name: string; time: number; date: number }[] {
  const files = [];
  const end = archive.lastIndexOf(Buffer.from("PK\u0005\u0006"));
  let at = archive.readUInt32LE(end + 16);
  while (archive.readUInt32LE(at) === 0x02014b50) {
    const length = archive.readUInt16LE(at + 28);
    const name = archive.toString("utf8", at + 46, at + 46 + length);
    files.push({ name, time: archive.readUInt16LE(at + 12), date: archive.readUInt16LE(at + 14) });
    at += 46 + length + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return files;
}
