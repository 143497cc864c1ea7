import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { inspect, promisify } from "node:util";
import { type EntryName, parseEntryName } from "#broker/entry-name.ts";
import { readCiphertext } from "#broker/store-file.ts";
import { swapLinks } from "#test/harness/swap-links.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const run = promisify(execFile);

describe("an entry's file", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let store: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    store = join(directory.path, "store");
    await mkdir(join(store, "folder"), { recursive: true });
    await writeFile(join(store, "folder/a.gpg"), "ciphertext");
    await writeFile(join(directory.path, "outside.gpg"), "outside");
  });
  afterEach(() => directory[Symbol.asyncDispose]());

  const read = async (name: string): Promise<string> => Buffer.from(readCiphertext(store, entryName(name))).toString();

  it("is read", async () => assert.equal(await read("folder/a"), "ciphertext"));

  it("may be empty, and 1 MiB", async () => {
    await writeFile(join(store, "empty.gpg"), "");
    assert.equal(await read("empty"), "");
    await writeFile(join(store, "large.gpg"), Buffer.alloc(1024 * 1024));
    assert.equal((await read("large")).length, 1024 * 1024);
  });

  it("may be reached by links within the store, and the store by a link", async () => {
    await symlink("folder/a.gpg", join(store, "file.gpg"));
    await symlink("folder", join(store, "alias"));
    await symlink(store, join(directory.path, "link"));
    assert.equal(await read("file"), "ciphertext");
    assert.equal(await read("alias/a"), "ciphertext");
    store = join(directory.path, "link");
    assert.equal(await read("alias/a"), "ciphertext");
  });

  it("is refused when it leads out of the store", async () => {
    await mkdir(join(directory.path, "store-beside"));
    await writeFile(join(directory.path, "store-beside/a.gpg"), "outside");
    await symlink("../outside.gpg", join(store, "relative.gpg"));
    await symlink(join(directory.path, "outside.gpg"), join(store, "absolute.gpg"));
    await symlink("../store-beside", join(store, "beside"));
    await symlink("..", join(store, "up"));
    await symlink("/proc/self/environ", join(store, "proc.gpg"));
    for (const name of ["relative", "absolute", "beside/a", "up/outside", "proc"]) {
      await assert.rejects(read(name), { code: "entry_invalid" }, name);
    }
  });

  it("is refused, without hanging, when it is no regular file", async () => {
    await run("mkfifo", [join(store, "fifo.gpg")]);
    await symlink("/dev/zero", join(store, "device.gpg"));
    await symlink("/dev/tty", join(store, "terminal.gpg"));
    await mkdir(join(store, "directory.gpg"));
    await symlink("loop.gpg", join(store, "loop.gpg"));
    const server = createServer().listen(join(store, "socket.gpg"));
    await once(server, "listening");
    try {
      for (const name of ["fifo", "device", "terminal", "directory", "loop", "socket"]) {
        await assert.rejects(read(name), { code: "entry_invalid" }, name);
      }
    } finally {
      server.close();
    }
  });

  it("is refused when it is larger than 1 MiB, however little of it is there", async () => {
    await writeFile(join(store, "large.gpg"), Buffer.alloc(1024 * 1024 + 1));
    await writeFile(join(store, "sparse.gpg"), "");
    await truncate(join(store, "sparse.gpg"), 2 * 1024 ** 3);
    await assert.rejects(read("large"), { code: "entry_invalid", message: /1 MiB/ });
    await assert.rejects(read("sparse"), { code: "entry_invalid", message: /1 MiB/ });
  });

  it("is never another than the one judged, however often links are swapped", async () => {
    const seen = { inside: 0, outside: 0 };
    async function readUntil({ signal }: AbortController): Promise<void> {
      while (!signal.aborted) {
        const text = await read("swapped").catch((error: unknown) => error);
        if (text instanceof Error) {
          assert.equal("code" in text && text.code, "entry_invalid");
          if (text.message.includes("leads out")) seen.outside += 1;
        } else {
          assert.equal(text, "ciphertext");
          seen.inside += 1;
        }
        await setImmediate();
      }
    }
    // A busy machine may let the links be swapped while nothing is read.
    while (seen.inside === 0 || seen.outside === 0) {
      const over = new AbortController();
      const swapped = swapLinks(join(store, "swapped.gpg"), ["folder/a.gpg", "../outside.gpg"], 2_000);
      await Promise.all([readUntil(over), swapped.finally(() => over.abort())]);
    }
  });

  it("tells an entry that is gone from a store that is", async () => {
    await assert.rejects(read("none"), { code: "entry_invalid", message: /no longer/ });
    await assert.rejects(read("folder/a/b"), { code: "entry_invalid", message: /no longer/ });
    await rm(store, { recursive: true });
    await assert.rejects(read("folder/a"), { code: "store_unavailable" });
  });

  it("is named in no error", async () => {
    const path = (name: string): string => join(store, `folder/unspoken-${name}.gpg`);
    await symlink(path("loop"), path("loop"));
    await mkdir(path("directory"));
    await writeFile(path("large"), Buffer.alloc(1024 * 1024 + 1));
    await symlink("../../outside.gpg", path("outside"));
    // A regular file that holds more than its length.
    await writeFile(path("grown"), "");
    await run("mount", ["--bind", "/proc/version", path("grown")]);
    try {
      await isUnspoken("none", /no longer in the store/);
      await isUnspoken("loop", /can not be opened/);
      await isUnspoken("directory", /not a regular file/);
      await isUnspoken("large", /larger than 1 MiB/);
      await isUnspoken("outside", /leads out of the store/);
      await isUnspoken("grown", /changed while it was read/);
    } finally {
      await run("umount", [path("grown")]);
    }
    await rm(store, { recursive: true });
    await isUnspoken("none", /store is not there/);
  });

  /** Neither the place of the store nor the entry's name are in any part of the error. */
  async function isUnspoken(name: string, kind: RegExp): Promise<void> {
    await assert.rejects(read(`folder/unspoken-${name}`), (error: Error) => {
      assert.match(error.message, kind);
      assert.doesNotMatch(inspect(error), /unspoken/);
      assert.equal(inspect(error).includes(directory.path), false);
      return true;
    });
  }
});

function entryName(text: string): EntryName {
  const name = parseEntryName(text);
  assert(name);
  return name;
}
