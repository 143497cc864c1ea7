import assert from "node:assert/strict";
import { execa } from "execa";
import { closingCommand } from "#container/downloads.ts";

const isRoot = process.getuid?.() === 0;

/** A place as the browser's container has it: whoever is in there may have noted something for mount(8). */
const SCRIPT = `
  set -e
  mount -t tmpfs none /run
  mkdir /run/mount /run/folder
  mount -t tmpfs none /run/folder
  echo "SRC=none TARGET=/run/folder ROOT=/ OPTS=$OPTIONS" > /run/mount/utab
  "$@"
  grep ' /run/folder ' /proc/self/mountinfo
`;

describe("the folder of downloads", () => {
  for (const options of ["exec,suid,dev", "X-mount.subdir=elsewhere", "loop=/dev/loop0", "helper=nfs"]) {
    it(`is closed to programs, whatever is noted for it: ${options}`, async () => {
      const own = [...(isRoot ? [] : ["--user", "--map-root-user"]), "--mount"];
      const command = ["sh", "-c", SCRIPT, "sh", ...closingCommand("/run/folder")];
      const { stdout } = await execa("unshare", [...own, ...command], { env: { OPTIONS: options } });
      assert.match(stdout, / \/run\/folder rw,nosuid,nodev,noexec/);
    });
  }
});
