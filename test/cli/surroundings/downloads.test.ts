import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findDownloads } from "#cli/surroundings/downloads.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the directory of downloads", () => {
  for (const [text, path] of [
    ['XDG_DESKTOP_DIR="$HOME/Desktop"\nXDG_DOWNLOAD_DIR="$HOME/Geladenes Zeug/"\n', "HOME/Geladenes Zeug"],
    ['XDG_DOWNLOAD_DIR="/media/big/downloads"', "/media/big/downloads"],
    ['XDG_DOWNLOAD_DIR="$HOME/"', "HOME/Downloads"],
    ['#XDG_DOWNLOAD_DIR="$HOME/other"', "HOME/Downloads"],
    ['XDG_DOWNLOAD_DIR="other"', "HOME/Downloads"],
    ['XDG_DOWNLOAD_DIR="$(id)/x"', "HOME/Downloads"],
    ["", "HOME/Downloads"],
  ] as const) {
    it(`of ${JSON.stringify(text)} is ${path}`, async () => {
      await using home = await temporaryDirectory();
      await mkdir(join(home.path, ".config"));
      await writeFile(join(home.path, ".config/user-dirs.dirs"), text);
      assert.equal(await findDownloads({}, home.path), path.replace("HOME", home.path));
    });
  }

  it("is looked for where the desktop's configuration lies", async () => {
    await using home = await temporaryDirectory();
    await writeFile(join(home.path, "user-dirs.dirs"), 'XDG_DOWNLOAD_DIR="$HOME/dl"\n');
    assert.equal(await findDownloads({ XDG_CONFIG_HOME: home.path }, "/home/a"), "/home/a/dl");
    assert.equal(await findDownloads({ XDG_CONFIG_HOME: "relative" }, "/home/a"), "/home/a/Downloads");
  });
});
