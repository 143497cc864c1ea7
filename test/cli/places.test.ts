import assert from "node:assert/strict";
import { chmod, mkdir, stat, symlink } from "node:fs/promises";
import { join } from "node:path";
import { ensurePrivateDirectory, placesOf } from "#cli/places.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const uid = process.getuid?.() ?? 0;

describe("Postern's own directories", () => {
  it("follow the XDG variables", () => {
    const environment = { XDG_RUNTIME_DIR: "/r", XDG_STATE_HOME: "/s", XDG_CONFIG_HOME: "/c", XDG_DATA_HOME: "/d" };
    assert.deepEqual(placesOf(environment, "/home/a", 1000, "/tmp"), {
      runtime: "/r/postern",
      state: "/s/postern",
      log: "/s/postern/log",
      config: "/c/postern",
      data: "/d/postern",
    });
  });

  it("have the specification's defaults, also for a path that is not absolute", () => {
    for (const environment of [{}, { XDG_STATE_HOME: "relative", XDG_RUNTIME_DIR: "" }]) {
      assert.deepEqual(placesOf(environment, "/home/a", 1000, "/tmp"), {
        runtime: "/tmp/postern-1000",
        state: "/home/a/.local/state/postern",
        log: "/home/a/.local/state/postern/log",
        config: "/home/a/.config/postern",
        data: "/home/a/.local/share/postern",
      });
    }
  });

  it("are made for their owner alone", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "a/b");
    await ensurePrivateDirectory(path, uid);
    assert.equal((await stat(path)).mode & 0o777, 0o700);
    await ensurePrivateDirectory(path, uid);
  });

  it("are refused when others may enter, when they are links, and when they are somebody else's", async () => {
    await using temporary = await temporaryDirectory();
    const open = join(temporary.path, "open");
    await mkdir(open);
    await chmod(open, 0o750);
    await symlink(temporary.path, join(temporary.path, "link"));
    await assert.rejects(ensurePrivateDirectory(open, uid), { code: "internal" });
    await assert.rejects(ensurePrivateDirectory(join(temporary.path, "link"), uid), { code: "internal" });
    await chmod(open, 0o700);
    await assert.rejects(ensurePrivateDirectory(open, uid + 1), { code: "internal" });
  });
});
