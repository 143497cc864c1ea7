import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import type { FSWatcher } from "node:fs";
import { chmod, mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { originParts, parseOrigin } from "#protocol/origin.ts";
import type { WatchDirectory } from "#broker/directory-watch.ts";
import { readDirectory } from "#broker/store-directory.ts";
import { type StoreIndex, openIndex } from "#broker/store-index.ts";
import { eventually } from "#test/harness/eventually.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const run = promisify(execFile);

describe("the store's index", function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let store: string;
  let stop: AbortController;
  let skipped: [string, string][];
  let changes: number;
  /** How many folders have been read, over and over. */
  let reads: number;

  beforeEach(async () => {
    directory = await temporaryDirectory();
    store = join(directory.path, "store");
    stop = new AbortController();
    [skipped, changes, reads] = [[], 0, 0];
  });
  afterEach(async () => {
    stop.abort();
    await directory[Symbol.asyncDispose]();
  });

  async function put(...entries: string[]): Promise<void> {
    for (const name of entries) {
      await mkdir(dirname(join(store, name)), { recursive: true });
      await writeFile(join(store, `${name}.gpg`), "");
    }
  }

  async function open(root = store, watching?: WatchDirectory): Promise<StoreIndex> {
    const index = openIndex(root, {
      signal: stop.signal,
      onSkipped: (path, reason) => skipped.push([path, reason]),
      onChange: () => (changes += 1),
      read: (...place) => {
        reads += 1;
        return readDirectory(...place);
      },
      ...(watching !== undefined && { watch: watching }),
    });
    await index.settled();
    return index;
  }

  describe("finds", () => {
    it("the entries of a page's host and of its parents, best first", async () => {
      await put("example.com/alice", "web/www.example.com/bob", "www.example.com:443/carol", "example.com/dave");
      await put("other.example.com", "example.org", "notes", "com/eve");
      const index = await open();
      assert.equal(index.size, 8);
      assert.deepEqual(names(index, "https://www.example.com"), [
        "www.example.com:443/carol",
        "web/www.example.com/bob",
        "example.com/alice",
        "example.com/dave",
      ]);
      const [first] = index.candidates(originParts(parseOrigin("https://example.com")));
      assert.deepEqual(first, {
        entry: {
          name: "example.com/alice",
          site: { host: "example.com" },
          username: "alice",
          label: "example.com/alice",
        },
        match: "exact",
      });
    });

    it("the entries of a host that is lent to the page's, last", async () => {
      await put("amazon.com/alice", "amazon.co.uk/bob");
      const index = await open();
      const page = originParts(parseOrigin("https://www.amazon.co.uk"));
      const found = index.candidates(page, new Map([["amazon.co.uk", ["amazon.com", "amazon.de"]]]));
      assert.deepEqual(
        found.map(({ entry, match }) => [entry.name, match]),
        [
          ["amazon.co.uk/bob", "parent"],
          ["amazon.com/alice", "alias"],
        ],
      );
    });

    it("entries by a store that is a link, and by links within it", async () => {
      await put("private/example.com/alice");
      await symlink("private", join(store, "alias"));
      await symlink("example.com/alice.gpg", join(store, "private/example.net.gpg"));
      await symlink(store, join(directory.path, "link"));
      const index = await open(join(directory.path, "link"));
      assert.deepEqual(names(index, "https://example.com"), ["alias/example.com/alice", "private/example.com/alice"]);
      assert.deepEqual(names(index, "https://example.net"), ["alias/example.net", "private/example.net"]);
      assert.deepEqual(skipped, []);
    });

    it("a page's one entry among 20 000, 2 000 times", async () => {
      const hosts = Array.from({ length: 20 }, (_, at) => `folder${at}`);
      for (const folder of hosts) {
        await mkdir(join(store, folder), { recursive: true });
        await Promise.all(
          Array.from({ length: 1_000 }, (_, at) => writeFile(join(store, folder, `${folder}-${at}.com.gpg`), "")),
        );
      }
      const index = await open();
      assert.equal(index.size, 20_000);
      for (let count = 0; count < 2_000; count++) assert.equal(names(index, "https://folder7-77.com").length, 1);
    });
  });

  describe("skips, and tells once, inertly", () => {
    it("names that are not sound", async () => {
      await put(
        "a\u001b[31mb.com",
        "line\nfeed.com",
        "\u202emoc.elpmaxe",
        "bad\nfolder/example.com",
        "example.com/fine",
      );
      await writeFile(
        Buffer.concat([Buffer.from(`${store}/`), Buffer.from([0xff, 0xfe]), Buffer.from(".com.gpg")]),
        "",
      );
      await put("--help", "-c", "$(id)");
      const index = await open();
      assert.deepEqual(names(index, "https://example.com"), ["example.com/fine"]);
      assert.equal(index.size, 4);
      assert.deepEqual(skipped.map(([path]) => path).toSorted(), [
        "\\u{202e}moc.elpmaxe.gpg",
        "a\\u{1b}[31mb.com.gpg",
        "bad\\u{a}folder",
        "line\\u{a}feed.com.gpg",
        "\ufffd\ufffd.com.gpg",
      ]);
      await put("later");
      await eventually("it is seen", () => index.size === 5);
      assert.equal(skipped.length, 5);
    });

    it("what is no regular file, and what leads out of the store", async () => {
      await put("example.com/fine");
      await writeFile(join(directory.path, "outside.gpg"), "");
      await mkdir(join(directory.path, "store-beside"));
      await run("mkfifo", [join(store, "fifo.com.gpg")]);
      await symlink("/dev/zero", join(store, "device.com.gpg"));
      await symlink("../outside.gpg", join(store, "outside.com.gpg"));
      await symlink("../store-beside", join(store, "beside"));
      await symlink("nowhere.gpg", join(store, "broken.com.gpg"));
      const server = createServer().listen(join(store, "socket.com.gpg"));
      await once(server, "listening");
      try {
        assert.equal((await open()).size, 1);
        assert.deepEqual(
          new Map(skipped),
          new Map([
            ["fifo.com.gpg", "it is not a regular file"],
            ["socket.com.gpg", "it is not a regular file"],
            ["device.com.gpg", "it leads out of the store"],
            ["outside.com.gpg", "it leads out of the store"],
            ["beside", "it leads out of the store"],
            ["broken.com.gpg", "it leads nowhere"],
          ]),
        );
        assert.equal(skipped.length, 6);
      } finally {
        server.close();
      }
    });

    it("folders that lead back into themselves", async () => {
      await put("a/example.com", "b/example.org");
      await symlink("..", join(store, "a/up"));
      await symlink(".", join(store, "a/self"));
      await symlink("../b", join(store, "a/b"));
      await symlink("../a", join(store, "b/a"));
      const index = await open();
      assert.deepEqual(names(index, "https://example.com"), ["a/example.com", "b/a/example.com"]);
      assert.deepEqual(names(index, "https://example.org"), ["a/b/example.org", "b/example.org"]);
      const loops = ["a/b/a", "a/self", "a/up", "b/a/b", "b/a/self", "b/a/up"];
      assert.deepEqual(
        skipped.map((each) => each.join(": ")).toSorted(),
        loops.map((path) => `${path}: it leads back to a folder above it`),
      );
    });
  });

  it("leaves hidden names, and files that are no entries, alone", async () => {
    await put(".git/example.com", ".extensions/example.com", ".hidden.example.com", "a/.b/example.com", "example.com");
    await writeFile(join(store, "example.com.txt"), "");
    await writeFile(join(store, ".gpg-id"), "");
    const index = await open();
    assert.deepEqual([index.size, skipped], [1, []]);
  });

  describe("sees soon", () => {
    it("entries and folders that come, move and go", async () => {
      await put("example.com/alice");
      const index = await open();
      const sees = async (what: string, ...expected: string[]): Promise<void> => {
        const isSo = (): boolean => names(index, "https://example.com").join() === expected.join();
        await eventually(what, isSo);
      };

      await put("example.com/bob");
      await sees("a new entry", "example.com/alice", "example.com/bob");
      await rm(join(store, "example.com/alice.gpg"));
      await sees("a removed entry", "example.com/bob");
      await put("deep/er/and/deeper/example.com/carol");
      await sees("new folders", "deep/er/and/deeper/example.com/carol", "example.com/bob");
      await rename(join(store, "deep"), join(store, "x"));
      await sees("a moved folder", "example.com/bob", "x/er/and/deeper/example.com/carol");
      await put("x/er/and/deeper/example.com/dave");
      await sees(
        "a new entry in it",
        "example.com/bob",
        "x/er/and/deeper/example.com/carol",
        "x/er/and/deeper/example.com/dave",
      );
      await rm(join(store, "x"), { recursive: true });
      await sees("a removed folder", "example.com/bob");
      await put("other/example.com/eve");
      await sees("another folder", "example.com/bob", "other/example.com/eve");
      await rename(join(store, "example.com"), join(store, "gone"));
      await rename(join(store, "other/example.com"), join(store, "example.com"));
      await sees("folders that changed places", "example.com/eve");
      await put("example.com/frank");
      await sees("a new entry where another folder was", "example.com/eve", "example.com/frank");
      await rename(join(store, "example.com"), join(directory.path, "outside"));
      await sees("a folder that left the store");
      assert(changes > 0);
    });

    it("a folder that was removed and made again at once", async () => {
      await put("example.com/alice");
      const index = await open();
      for (let round = 0; round < 20; round++) {
        await rm(join(store, "example.com"), { recursive: true });
        await put(`example.com/round${round}`);
        await eventually(
          `round ${round}`,
          () => names(index, "https://example.com").join() === `example.com/round${round}`,
        );
      }
    });

    it("changes behind a link", async () => {
      await put("real/example.com/alice");
      await symlink("real", join(store, "alias"));
      const index = await open();
      await put("real/example.com/bob");
      await eventually("both names", () => names(index, "https://example.com").length === 4);
    });

    it("the store as it comes, goes, and is another", async () => {
      const index = await open();
      assert.throws(() => names(index, "https://example.com"), { code: "store_unavailable" });
      assert.equal(index.size, 0);
      await put("example.com/alice");
      await eventually("the store is there", () => index.size === 1);
      await rename(store, join(directory.path, "aside"));
      await eventually("the store is gone", () => index.size === 0);
      assert.throws(() => names(index, "https://example.com"), { code: "store_unavailable" });
      await put("example.com/bob");
      await eventually("another store is there", () => index.size === 1);
      assert.deepEqual(names(index, "https://example.com"), ["example.com/bob"]);
    });

    it("everything, though no watches are left", async () => {
      await put("example.com/alice", "folder/example.com/bob");
      let calls = 0;
      const withoutWatches = (): FSWatcher => {
        calls += 1;
        throw Object.assign(new Error("no space left"), { code: "ENOSPC" });
      };
      const index = await open(store, withoutWatches);
      assert(calls >= 4);
      assert.equal(index.size, 2);
      await put("folder/example.com/carol", "new/example.com/dave");
      await eventually("new entries", () => index.size === 4);
      await rm(join(store, "folder"), { recursive: true });
      await eventually("a removed folder", () => index.size === 2);
    });

    it("what pass does, and git", async () => {
      await using mine = await makePassStore({ "example.com/alice": "pw" });
      await run("pass", ["git", "init", "-q"], { env: { ...mine.environment, ...author } });
      await using clone = await temporaryDirectory();
      const theirs = join(clone.path, "clone");
      const git = async (cwd: string, ...args: string[]): Promise<void> => {
        await run("git", args, { cwd, env: { ...mine.environment, ...author } });
      };
      await git(clone.path, "clone", "-q", mine.store, theirs);
      const index = await open(theirs);
      const direct = await open(mine.store);

      await mine.insert("example.com/bob", "pw");
      await eventually("pass insert", () => names(direct, "https://example.com").length === 2);
      await run("pass", ["mv", "example.com/bob", "example.org/bob"], { env: { ...mine.environment, ...author } });
      await eventually("pass mv", () => names(direct, "https://example.org").length === 1);
      assert.equal(names(direct, "https://example.com").length, 1);
      await run("pass", ["rm", "-f", "example.com/alice"], { env: { ...mine.environment, ...author } });
      await eventually("pass rm", () => names(direct, "https://example.com").length === 0);

      assert.deepEqual(names(index, "https://example.com"), ["example.com/alice"]);
      await git(theirs, "pull", "-q");
      await eventually("git pull", () => names(index, "https://example.org").length === 1);
      await eventually("git pull", () => names(index, "https://example.com").length === 0);
    });
  });

  it("tells of no change when no entry came or went", async () => {
    await put("example.com/alice");
    const index = await open();
    await writeFile(join(store, "example.com/alice.gpg"), "other ciphertext");
    await chmod(join(store, "example.com"), 0o755);
    const before = reads;
    await writeFile(join(store, "example.com/notes.txt"), "");
    await eventually("the folder is read again", () => reads > before);
    await index.settled();
    assert.equal(changes, 0);
    await put("example.com/bob");
    await eventually("the new entry", () => index.size === 2);
    await index.settled();
    assert.equal(changes, 1);
  });

  it("watches no more after its end", async () => {
    await put("example.com/alice");
    const index = await open();
    stop.abort();
    await put("example.com/bob");
    await assert.rejects(eventually("a change", () => changes > 0, 300));
    assert.equal(index.size, 1);
  });
});

const author = {
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@postern.invalid",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@postern.invalid",
};

function names(index: StoreIndex, origin: string): string[] {
  return index.candidates(originParts(parseOrigin(origin))).map(({ entry }) => entry.name);
}
