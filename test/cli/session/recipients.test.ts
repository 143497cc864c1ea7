import assert from "node:assert/strict";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { recipientsOf } from "#cli/session/recipients.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the keys that a store is encrypted to", () => {
  let temporary: AsyncDisposable & { path: string };
  let store: string;
  beforeEach(async () => {
    temporary = await temporaryDirectory();
    store = join(temporary.path, "store");
    await mkdir(join(store, "team"), { recursive: true });
    await writeFile(join(store, ".gpg-id"), "mine\n");
    await writeFile(join(store, "team/.gpg-id"), "mine\nteam # all of us\n");
  });
  afterEach(() => temporary[Symbol.asyncDispose]());

  const found = async (path = store): Promise<string[]> => (await recipientsOf(path)).toSorted();

  it("are those of all its folders", async () => assert.deepEqual(await found(), ["mine", "team"]));

  it("are found in a store behind a link, and in a file behind a link within it", async () => {
    const link = join(temporary.path, "link");
    await symlink(store, link);
    await mkdir(join(store, "other"));
    await writeFile(join(store, "ids"), "linked\n");
    await symlink("../ids", join(store, "other/.gpg-id"));
    assert.deepEqual(await found(link), ["linked", "mine", "team"]);
  });

  it("are not looked for outside of it", async () => {
    const outside = join(temporary.path, "outside");
    await mkdir(outside);
    await writeFile(join(outside, ".gpg-id"), "another store's\n");
    await symlink(outside, join(store, "folder"));
    for (const [folder, target] of Object.entries({ file: join(outside, ".gpg-id"), endless: "/dev/zero" })) {
      await mkdir(join(store, folder));
      await symlink(target, join(store, folder, ".gpg-id"));
    }
    assert.deepEqual(await found(), ["mine", "team"]);
  });

  it("are found in a store whose links would lead around without end", async () => {
    for (const name of ["a", "b"]) await symlink(".", join(store, name));
    assert.deepEqual(await found(), ["mine", "team"]);
  });

  it("are not those of hidden folders, which hold no entries", async () => {
    await mkdir(join(store, ".hidden/deep"), { recursive: true });
    await writeFile(join(store, ".hidden/deep/.gpg-id"), "nobody's\n");
    assert.deepEqual(await found(), ["mine", "team"]);
  });
});
