import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { placesOf } from "#cli/places.ts";
import { requireOwnStore } from "#cli/session/own-store.ts";
import { findStores, storesText } from "#cli/stores.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the stores that are served", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
  });
  afterEach(() => directory[Symbol.asyncDispose]());

  const TWO = '[stores]\nwork = "~/work-store"\nhome = "/srv/store/"\n';
  async function found(config: string, environment: Record<string, string> = {}, named?: string) {
    const home = directory.path;
    const places = placesOf({}, home, 1000, home);
    await mkdir(places.config, { recursive: true });
    await writeFile(join(places.config, "config.toml"), config);
    return await findStores({ environment, home, places }, named);
  }

  it("are those of config.toml, in its order, though pass has one of its own", async () => {
    const stores = await found(TWO, { PASSWORD_STORE_DIR: "/srv/other" });
    const work = join(directory.path, "work-store");
    assert.deepEqual(stores, [
      { name: "work", path: work },
      { name: "home", path: "/srv/store" },
    ]);
    assert.equal(storesText(stores), `work (${work}), home (/srv/store)`);
  });

  it("are the one that was named, whatever config.toml says, and even where that is wrong", async () => {
    assert.deepEqual(await found(TWO, {}, "/srv/named"), [{ path: "/srv/named" }]);
    assert.deepEqual(await found("[stores]\nwork = 1\n", {}, "/srv/named"), [{ path: "/srv/named" }]);
  });

  it("are else the one where pass looks", async () => {
    assert.deepEqual(await found(""), [{ path: join(directory.path, ".password-store") }]);
    assert.deepEqual(await found("[stores]\n", { PASSWORD_STORE_DIR: "/srv/other" }), [{ path: "/srv/other" }]);
  });

  it("are not served when one is not there, which is said of it by name", async () => {
    const [store] = await found(TWO);
    assert.ok(store);
    await assert.rejects(requireOwnStore(store, process.getuid?.() ?? 0), {
      code: "store_unavailable",
      message: `There is no store at ${store.path}, where the store work should be.`,
      hint: "Make one there with pass init, or mend config.toml: stores.work",
    });
  });
});
