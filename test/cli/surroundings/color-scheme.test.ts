import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { findColorScheme } from "#cli/surroundings/color-scheme.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type SettingsPortal, openSettingsPortal } from "#test/harness/settings-portal.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the desktop's colour scheme", () => {
  let portal: SettingsPortal;
  before(async () => (portal = await openSettingsPortal()));
  after(() => portal[Symbol.asyncDispose]());

  /** @param patience by itself as long as a test may take: what is awaited comes, however busy the machine is */
  const ask = (PATH = process.env.PATH ?? "", patience = 60_000): Promise<"light" | "dark"> =>
    findColorScheme({ PATH, DBUS_SESSION_BUS_ADDRESS: portal.address }, patience);

  for (const [value, scheme] of [
    [0, "light"],
    [1, "dark"],
    [2, "light"],
  ] as const) {
    it(`is ${scheme} where the settings say ${value}`, async () => {
      portal.colorScheme = value;
      assert.equal(await ask(), scheme);
    });
  }

  it("is asked for by the program that is there", async () => {
    portal.colorScheme = 1;
    await using place = await temporaryDirectory();
    const program = (process.env.PATH ?? "")
      .split(":")
      .map((folder) => join(folder, "dbus-send"))
      .find(existsSync);
    assert.ok(program, "dbus-send");
    await symlink(program, join(place.path, "dbus-send"));
    assert.equal(await ask(place.path), "dark");
  });

  for (const [program, reply] of [
    ["busctl", "v v u 1"],
    ["gdbus", "(<<uint32 1>>,)"],
    ["gdbus", "(<uint32 1>,)"],
  ] as const) {
    it(`is understood as ${program} says it: ${reply}`, async () => {
      await using place = await temporaryDirectory();
      await fakeProgram(place.path, program, `echo '${reply}'`);
      assert.equal(await ask(place.path), "dark");
    });
  }

  it("is light where nobody answers, or nobody is there to be asked", async () => {
    portal.colorScheme = undefined;
    assert.equal(await ask(process.env.PATH, 500), "light");
    const { PATH } = process.env;
    assert.equal(await findColorScheme({ PATH, DBUS_SESSION_BUS_ADDRESS: "unix:path=/nowhere" }), "light");
    assert.equal(await findColorScheme({ PATH }), "light");
    assert.equal(await ask("/nowhere"), "light");
  });

  it("is not asked for where a program would have to start a bus for it", async () => {
    await using place = await temporaryDirectory();
    const marker = join(place.path, "marker");
    await fakeProgram(place.path, "busctl", `: > ${marker}; echo 'v v u 1'`);
    await mkdir(join(place.path, "run"));
    const environment = { PATH: place.path, XDG_RUNTIME_DIR: join(place.path, "run") };
    assert.equal(await findColorScheme(environment), "light");
    assert.equal(existsSync(marker), false);
  });
});
