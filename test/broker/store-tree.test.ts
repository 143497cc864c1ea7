import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { originParts, parseOrigin } from "#protocol/origin.ts";
import { type ReadDirectory, readDirectory } from "#broker/store-directory.ts";
import { type StoreIndex, openIndex } from "#broker/store-index.ts";
import { eventually } from "#test/harness/eventually.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("a store that is being read for the first time", function () {
  this.timeout(60_000);
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let store: string;
  let stop: AbortController;
  let changes: number;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    store = join(directory.path, "store");
    stop = new AbortController();
    changes = 0;
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

  const open = (read: ReadDirectory): StoreIndex =>
    openIndex(store, { signal: stop.signal, onSkipped: () => undefined, onChange: () => (changes += 1), read });
  const names = (index: StoreIndex, origin: string): string[] =>
    index.candidates(originParts(parseOrigin(origin))).map(({ entry }) => entry.name);

  it("answers before the store is wholly read, once all of the page's own is", async () => {
    await put("web/example.com/alice", "web/www.example.com/bob", "shop/deep/example.com/carol", "example.com");
    await put(...Array.from({ length: 100 }, (_, at) => `web/other${at}.example.org/dave`));
    const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const index = open(async (root, path) => {
      if (path === "web") await asked.promise;
      if (path.includes("other")) await answered.promise;
      return await readDirectory(root, path);
    });
    const looking = index.look(originParts(parseOrigin("https://www.example.com")));
    asked.resolve();
    await looking;
    assert.deepEqual(names(index, "https://www.example.com"), [
      "web/www.example.com/bob",
      "example.com",
      "shop/deep/example.com/carol",
      "web/example.com/alice",
    ]);
    assert.equal(index.size, 4);
    answered.resolve();
    await index.settled();
    assert.equal(index.size, 104);
    // Nobody was told otherwise before.
    assert.equal(changes, 0);
    await index.look(originParts(parseOrigin("https://example.com")));
  });

  it("sees what changes while the store is read for the first time", async () => {
    await put("web/example.com/alice", "web/example.org/dave");
    const [asked, changed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const index = open(async (root, path) => {
      const found = await readDirectory(root, path);
      if (path !== "web/example.com") return found;
      asked.resolve();
      await changed.promise;
      return found;
    });
    await asked.promise;
    await put("web/example.com/bob", "new/example.com/carol");
    // Until the events have been gathered, and the folder is still being read.
    await wait(200);
    changed.resolve();
    const expected = "new/example.com/carol,web/example.com/alice,web/example.com/bob";
    await eventually("all three", () => names(index, "https://example.com").join() === expected, 15_000);
  });
});
