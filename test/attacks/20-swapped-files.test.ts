import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readlink, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { parseEntryName } from "#broker/entry-name.ts";
import { readCiphertext } from "#broker/store-file.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { makePassStore } from "#test/harness/pass-store.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";
import { swapLinks } from "#test/harness/swap-links.ts";

const run = promisify(execFile);
const ORIGIN = "https://example.com";
const MARKER = "marker-of-attack-20";
const SWAPS = 10_000;

describe("attack 20: an entry's file that is, or becomes, something else", function () {
  this.timeout(180_000);
  let broker: TestBroker;
  let outside: string;
  let entry: string;
  let sound: string;

  before(async () => {
    const store = await makePassStore({ "example.com": "sound", elsewhere: MARKER });
    entry = join(store.store, "example.com.gpg");
    sound = join(store.home, "sound.gpg");
    // What lies outside is one that the user's key opens: only where it lies forbids it.
    outside = join(store.home, "outside.gpg");
    await rename(join(store.store, "elsewhere.gpg"), outside);
    await copyFile(entry, sound);
    broker = await startBroker({ store, config: "[gates.test.limits]\ngets-a-minute = 10000\n" });
  });
  after(async () => {
    await broker[Symbol.asyncDispose]();
    await broker.store[Symbol.asyncDispose]();
  });
  afterEach("the broker serves on, and holds nothing of the store open", async () => {
    await rm(entry, { recursive: true, force: true });
    await copyFile(sound, entry);
    await eventually("the sound entry", async () => (await get())?.result !== undefined);
    await eventually("no file of the store is open", async () => (await openFiles()).length === 0);
  });

  /** A look-up of the sound entry, then something in its place, then the `get`. */
  async function getSwapped(put: () => Promise<unknown>): Promise<Record<string, unknown>> {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    await rm(entry);
    await put();
    return await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
  }

  /** Undefined while the entry is not known. */
  async function get(): Promise<Record<string, unknown> | undefined> {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN).catch(() => undefined);
    if (handle === undefined) return undefined;
    return await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
  }

  /** What the broker has open below the store. */
  async function openFiles(): Promise<string[]> {
    const directory = `/proc/${broker.process.pid}/fd`;
    const files = (await readdir(directory)).map((name) => readlink(join(directory, name)).catch(() => ""));
    return (await Promise.all(files)).filter((path) => path.startsWith(`${broker.store.store}/`));
  }

  const SWAPPED: Record<string, () => Promise<unknown>> = {
    "a link out of the store": () => symlink("../outside.gpg", entry),
    "a link out of the store, by its whole path": () => symlink(outside, entry),
    "a link to a link out of the store": async () => {
      await symlink("../outside.gpg", join(broker.store.store, "between"));
      await symlink("between", entry);
    },
    "a link to the broker's own memory": () => symlink("/proc/self/mem", entry),
    "a link to an endless device": () => symlink("/dev/zero", entry),
    "a link to a terminal": () => symlink("/dev/tty", entry),
    "a link to itself": () => symlink("example.com.gpg", entry),
    "a FIFO that nobody writes to": () => run("mkfifo", [entry]),
    "a directory": () => mkdir(entry),
    "a file of 2 GiB that takes no room": async () => {
      await writeFile(entry, "");
      await truncate(entry, 2 * 1024 ** 3);
    },
    "an empty file": () => writeFile(entry, ""),
    nothing: async () => undefined,
  };
  for (const [title, put] of Object.entries(SWAPPED)) {
    it(`${title}: refused, without hanging`, async () => {
      const reply = await getSwapped(put);
      assert.equal(codeOf(reply), "entry_invalid", JSON.stringify(reply));
    });
  }

  it("a socket: refused, without hanging", async () => {
    const server = createServer();
    const reply = await getSwapped(() => once(server.listen(entry), "listening"));
    server.close();
    assert.equal(codeOf(reply), "entry_invalid");
  });

  it("a folder that becomes a link out of the store: refused", async () => {
    const folder = join(broker.store.store, "example.com");
    await mkdir(folder);
    await mkdir(join(broker.store.home, "other"));
    await copyFile(sound, join(folder, "alice.gpg"));
    await copyFile(outside, join(broker.store.home, "other/alice.gpg"));
    await rm(entry);
    using client = await greetedClient(broker.socket);
    const handle = await eventually("alice's entry", async () => {
      const { result } = await client.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" });
      client.received.length = 0;
      return /"handle":"([\w-]{22})","label":"example.com\/alice"/.exec(JSON.stringify(result))?.[1];
    });
    await rm(folder, { recursive: true });
    await symlink("../other", folder);
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.equal(codeOf(reply), "entry_invalid", JSON.stringify(reply));
    await rm(folder);
  });

  it("a link that changes all the time: what is released is what was judged", async () => {
    await copyFile(sound, join(broker.store.store, "inside.gpg"));
    const swapping = new AbortController();
    const swapped = swapEntry(swapping.signal);
    const results = new Set<string>();
    try {
      await eventually("it was seen both ways", async () => {
        const reply = await get();
        if (reply !== undefined) results.add(JSON.stringify(reply.result ?? codeOf(reply)));
        assert.equal(
          [...results].some((result) => result.includes(MARKER)),
          false,
        );
        return results.size === 2;
      });
    } finally {
      swapping.abort();
      await swapped;
    }
    assert.deepEqual(results, new Set(['{"password":"sound"}', '"entry_invalid"']));
  });

  it(`a link that is swapped ${SWAPS} times while it is read: the file is opened once`, async () => {
    const root = join(broker.store.home, "race");
    await mkdir(root);
    await writeFile(join(root, "inside.gpg"), "inside");
    await writeFile(join(broker.store.home, "outside.txt"), MARKER);
    const name = parseEntryName("swapped") ?? assert.fail();
    const over = new AbortController();
    const swapped = swapLinks(join(root, "swapped.gpg"), ["inside.gpg", "../outside.txt"], SWAPS).finally(() =>
      over.abort(),
    );
    const outcomes = { inside: 0, refused: 0 };
    while (!over.signal.aborted) {
      const isThere = existsSync(join(root, "swapped.gpg"));
      const read = attempt(() => readCiphertext(root, name));
      if (read instanceof Uint8Array) {
        assert.equal(Buffer.from(read).toString(), "inside");
        outcomes.inside += 1;
      } else {
        assert.equal(read instanceof Error && "code" in read && read.code, "entry_invalid");
        if (isThere) outcomes.refused += 1;
      }
      await setImmediate();
    }
    await swapped;
    assert.ok(outcomes.inside > 0 && outcomes.refused > 0, JSON.stringify(outcomes));
  });

  /** The entry, in turn a link within the store and one out of it. */
  async function swapEntry(signal: AbortSignal): Promise<void> {
    const next = join(broker.store.home, "next");
    for (let count = 0; !signal.aborted; count += 1) {
      await symlink(count % 2 === 0 ? "inside.gpg" : "../outside.gpg", next);
      await rename(next, entry);
    }
  }
});

function attempt(act: () => unknown): unknown {
  try {
    return act();
  } catch (error) {
    return error;
  }
}
