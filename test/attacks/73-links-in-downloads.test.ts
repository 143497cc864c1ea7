import assert from "node:assert/strict";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { FILE_CALLS, UNSHARE } from "#test/container/kernel-calls.ts";
import { type Running, runBrowser } from "#test/container/running.ts";

const [EPERM, ENOSYS] = [1, 38];
const HERE = -100;
const [FIFO, DEVICE, REGULAR] = [0o010_000, 0o020_000, 0o100_000];
/** O_CREAT with O_WRONLY, and O_TMPFILE with O_RDWR. */
const CREATE = 0o101;
const UNNAMED = 0o20_200_002;
const SET_ID = [0o4755, 0o2755, 0o6755];
const WHITEOUT = 4;

type Argument = number | string;

/** What would come to lie in the folder, each by every call that makes it; `file` and `folder` are there. */
const CLOSED: Record<string, [keyof typeof FILE_CALLS, ...Argument[]][]> = {
  "a symbolic link": [
    ["symlink", "../../../secret", "invoice.pdf"],
    ["symlinkat", "../../../secret", HERE, "invoice.pdf"],
  ],
  "a second name for a file": [
    ["link", "file", "again"],
    ["linkat", HERE, "file", HERE, "again", 0],
    // Of one without a name, by its descriptor.
    ["linkat", HERE, "/proc/self/fd/0", HERE, "again", 0x400],
  ],
  "a pipe": [
    ["mknod", "pipe", FIFO | 0o644, 0],
    ["mknodat", HERE, "pipe", FIFO | 0o644, 0],
  ],
  "a device, or the whiteout that is one": [
    ["mknod", "whiteout", DEVICE, 0],
    ["mknodat", HERE, "whiteout", DEVICE, 0],
    ["mknod", "null", DEVICE | 0o666, 0x103],
    ["renameat2", HERE, "file", HERE, "moved", WHITEOUT],
  ],
  "a program with its owner's or group's rights": SET_ID.flatMap((mode): [keyof typeof FILE_CALLS, ...Argument[]][] => [
    ["chmod", "file", mode],
    ["fchmod", 0, mode],
    ["fchmodat", HERE, "file", mode],
    ["fchmodat2", HERE, "file", mode, 0],
    ["open", "new", CREATE, mode],
    ["openat", HERE, "new", CREATE, mode],
    ["openat", HERE, ".", UNNAMED, mode],
    ["creat", "new", mode],
    ["mknod", "new", REGULAR | mode, 0],
    ["mkdir", "new", mode],
    ["mkdirat", HERE, "new", mode],
  ]),
};

describe("attack 73: a link in the downloads leads the user's programs elsewhere", () => {
  let browser: Running;
  before(async function () {
    this.timeout(300_000);
    browser = await runBrowser({ isIdle: true });
    await browser.sh("cd /downloads && echo content > file && mkdir folder");
  });
  after(() => browser[Symbol.asyncDispose]());

  /** @returns the error number of a call made in the folder of downloads; 0 where that works */
  async function errorOf([call, ...given]: [keyof typeof FILE_CALLS, ...Argument[]], first = ""): Promise<number> {
    const list = given.map((word) => (typeof word === "string" ? `"${word}"` : word)).join(", ");
    const line = `chdir "/downloads" or die; open(STDIN, "<", "file") or die; ${first}
      my @given = (${list}); my $number = ${FILE_CALLS[call]};
      print syscall($number, @given) == -1 ? $! + 0 : 0`;
    return Number(await browser.perl(line));
  }

  for (const [what, calls] of Object.entries(CLOSED)) {
    it(`cannot be ${what}`, async function () {
      this.timeout(60_000);
      for (const call of calls.filter(([name]) => FILE_CALLS[name] !== undefined)) {
        assert.equal(await errorOf(call), EPERM, call.join(" "));
        // As root of a user namespace of its own.
        assert.equal(await errorOf(call, `syscall(${UNSHARE}, 0x10000000) == 0 or die;`), EPERM, call.join(" "));
      }
    });
  }

  it("cannot be made by openat2 either, whose mode a filter does not see", async () => {
    assert.equal(await errorOf(["openat2", HERE, "new", 0, 24]), ENOSYS);
  });

  it("leaves files and folders alone: these are made, moved and changed", async () => {
    const { exitCode, stderr } = await browser.sh(`cd /downloads && set -e
      touch one && mkdir two && mv one two/one && chmod 600 two/one && chmod 700 two && cp two/one three && rm -r two`);
    assert.equal(exitCode, 0, stderr);
    assert.equal(await errorOf(["mknodat", HERE, "four", REGULAR | 0o644, 0]), 0);
    assert.equal(await errorOf(["openat", HERE, "five", CREATE, 0o644]), 0);
    // Without a file to make, the mode is whatever was there.
    assert.equal(await errorOf(["openat", HERE, "file", 0, 0o6755]), 0);
  });

  it("is not there for whoever looks from outside", async () => {
    const folder = join(browser.home, "downloads");
    const names = (await readdir(folder)).toSorted();
    assert.deepEqual(names, ["file", "five", "folder", "four", "three"]);
    for (const name of names) {
      const { mode, nlink } = await lstat(join(folder, name));
      assert.ok([REGULAR, 0o040_000].includes(mode & 0o170_000), name);
      assert.equal(mode & 0o6000, 0, name);
      if (name !== "folder") assert.equal(nlink, 1, name);
    }
  });
});
