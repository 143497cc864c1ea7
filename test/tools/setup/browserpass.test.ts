import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { isBrowserpassLookedFor, unpackBrowserpass } from "#tools/setup/browserpass.js";
import type { World } from "#tools/setup/world.js";

const run = promisify(execFile);

describe("browserpass for the tests", () => {
  it("is unpacked below build/, and installed nowhere", async () => {
    await using folder = await temporaryDirectory();
    const calls = join(folder.path, "calls");
    await writeFile(calls, "");
    const archive = await makePackage(folder.path);
    await fakeProgram(join(folder.path, "bin"), "apt-get", `echo "$@" >> ${calls}; cp ${archive} .`);
    assert.equal(isBrowserpassLookedFor(folder.path), false);
    await unpackBrowserpass(worldOf(folder.path));
    assert.equal(await readFile(join(folder.path, "build/browserpass/usr/lib/browserpass/host"), "utf8"), "host");
    assert.equal(await readFile(calls, "utf8"), "download webext-browserpass\n");
    assert.equal(isBrowserpassLookedFor(folder.path), true);
  });

  it("is gone without where there is none, and not looked for again", async () => {
    await using folder = await temporaryDirectory();
    await fakeProgram(join(folder.path, "bin"), "apt-get", "exit 100");
    await unpackBrowserpass(worldOf(folder.path));
    assert.equal(isBrowserpassLookedFor(folder.path), true);
  });
});

function worldOf(root: string): World {
  return {
    root,
    environment: { PATH: `${join(root, "bin")}:${process.env.PATH}` },
    uid: 1000,
    isTerminal: false,
    isAgreed: false,
    isForTests: true,
    osRelease: "ID=debian\n",
  };
}

async function makePackage(folder: string): Promise<string> {
  const content = join(folder, "content");
  await mkdir(join(content, "DEBIAN"), { recursive: true });
  await mkdir(join(content, "usr/lib/browserpass"), { recursive: true });
  const control =
    "Package: webext-browserpass\nVersion: 1\nArchitecture: all\nMaintainer: nobody <nobody@postern.invalid>\n";
  await writeFile(join(content, "DEBIAN/control"), `${control}Description: none\n`);
  await writeFile(join(content, "usr/lib/browserpass/host"), "host");
  const archive = join(folder, "webext-browserpass_1_all.deb");
  await run("dpkg-deb", ["--build", content, archive]);
  return archive;
}
