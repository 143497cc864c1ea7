import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { agree } from "#tools/setup/agree.js";
import { findNeeds } from "#tools/setup/needs.js";
import { installPackages, packageManager } from "#tools/setup/packages.js";
import type { World } from "#tools/setup/world.js";

const DEBIAN = "ID=debian\n";
const MINT = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n';
const FEDORA = 'NAME="Fedora Linux"\nID=fedora\n';
const ROCKY = 'ID="rocky"\nID_LIKE="rhel centos fedora"\n';
const ARCH = "ID=arch\n";

describe("the system's package manager", () => {
  for (const [osRelease, manager, called] of [
    [DEBIAN, "apt-get", /^install --yes --no-install-recommends gnupg pass /m],
    [MINT, "apt-get", /^install --yes --no-install-recommends gnupg pass /m],
    [FEDORA, "dnf", /^install --assumeyes .*gnupg2 pass /m],
    [ROCKY, "dnf", /^install --assumeyes .*gnupg2 pass /m],
    [ARCH, "pacman", /^--sync --needed --noconfirm gnupg pass /m],
  ] as const) {
    it(`is ${manager} for ${osRelease.trim().replaceAll("\n", ", ")}, by its own names`, async () => {
      await using machine = await emptyMachine(osRelease);
      const { world, log } = machine;
      const found = packageManager(world);
      assert.equal(found?.name, manager);
      const packages = (await findNeeds(world)).flatMap((need) => need.package ?? []);
      assert.equal(packages.includes("mmdebstrap"), manager === "apt-get");
      await installPackages({ ...world, uid: 0 }, found, packages);
      assert.match(`${await readFile(log, "utf8")} `.replaceAll("\n", " \n"), called);
    });
  }

  for (const [osRelease, name] of [
    [DEBIAN, "oathtool"],
    [FEDORA, "oathtool"],
    [ARCH, "oath-toolkit"],
  ] as const) {
    it(`brings ${name} for tests alone (${osRelease.trim().replaceAll("\n", ", ")})`, async () => {
      await using machine = await emptyMachine(osRelease);
      for (const isForTests of [true, false]) {
        const needs = await findNeeds({ ...machine.world, isForTests });
        assert.equal(
          needs.some((need) => need.package === name),
          isForTests,
        );
      }
    });
  }

  it("is not one that is merely installed too", async () => {
    await using machine = await emptyMachine("ID=slackware\n");
    assert.equal(packageManager(machine.world), undefined);
    await assert.rejects(agree(machine.world, await findNeeds(machine.world)), {
      message: /^Missing: GnuPG, pass, git/,
      hint: /package manager/,
    });
  });

  it("is told in one command to somebody who is not root and can not be asked", async () => {
    await using machine = await emptyMachine(FEDORA);
    await assert.rejects(agree(machine.world, await findNeeds(machine.world)), {
      hint: /^Run: sudo dnf install --assumeyes .*gnupg2 pass git/,
    });
  });
});

/** A machine with every package manager and nothing else on PATH; each notes in `log` how it was called. */
async function emptyMachine(osRelease: string): Promise<AsyncDisposable & { world: World; log: string }> {
  const folder = await temporaryDirectory();
  const log = join(folder.path, "calls");
  for (const name of ["apt-get", "dnf", "pacman"]) await fakeProgram(folder.path, name, `echo "$@" >> ${log}`);
  await fakeProgram(folder.path, "env", 'shift; exec "$@"');
  const { DOCKER_HOST } = process.env;
  const environment = { PATH: folder.path, ...(DOCKER_HOST === undefined ? {} : { DOCKER_HOST }) };
  return {
    world: {
      root: folder.path,
      environment,
      uid: 1000,
      isTerminal: false,
      isAgreed: false,
      isForTests: false,
      osRelease,
    },
    log,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
