import assert from "node:assert/strict";
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openConfirmedRecipients } from "#cli/session/saving/confirmed-recipients.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("the keys that a store was last confirmed to be encrypted to", () => {
  let place: Awaited<ReturnType<typeof temporaryDirectory>>;
  const file = (...parts: string[]): string => join(place.path, ...parts);
  const open = () => openConfirmedRecipients(file("recipients"), file("store"));
  beforeEach(async () => {
    place = await temporaryDirectory();
    await mkdir(file("store/office/deep"), { recursive: true });
    await writeFile(file("store/.gpg-id"), "alice # me\n\nbob\n");
    await writeFile(file("store/office/.gpg-id"), "carol\n");
  });
  afterEach(() => place[Symbol.asyncDispose]());

  const changes = async (of: Awaited<ReturnType<typeof open>>, entry: string) => {
    const { added, removed } = await of(entry);
    return { added, removed };
  };

  it("are those of the nearest folder, as they were when the store was first used", async () => {
    const of = await open();
    for (const entry of ["a.com", "new/a.com", "office/a.com", "office/deep/a.com"])
      assert.deepEqual(await changes(of, entry), { added: [], removed: [] }, entry);
    await writeFile(file("store/.gpg-id"), "bob\nalice\n");
    assert.deepEqual(await changes(of, "a.com"), { added: [], removed: [] });
    await writeFile(file("store/.gpg-id"), "alice\nmallory\n");
    assert.deepEqual(await changes(await open(), "new/a.com"), { added: ["mallory"], removed: ["bob"] });
    assert.deepEqual(await changes(of, "office/a.com"), { added: [], removed: [] });
  });

  it("are missed where pass would not read them, in a last line that is not ended", async () => {
    const of = await open();
    await writeFile(file("store/.gpg-id"), "bob\nalice");
    assert.deepEqual(await changes(of, "a.com"), { added: [], removed: ["alice"] });
    await writeFile(file("store/.gpg-id"), "bob");
    await assert.rejects(of("a.com"), { code: "entry_invalid", hint: /pass init/ });
  });

  it("are missed when a folder's own have gone, until that is confirmed", async () => {
    const of = await open();
    await rm(file("store/office/.gpg-id"));
    const { added, removed, confirm } = await of("office/deep/a.com");
    assert.deepEqual([added, removed], [["alice", "bob"], ["carol"]]);
    await confirm();
    assert.deepEqual(await changes(await open(), "office/a.com"), { added: [], removed: [] });
    await writeFile(file("store/office/.gpg-id"), "carol\n");
    assert.deepEqual(await changes(of, "office/a.com"), { added: ["carol"], removed: ["alice", "bob"] });
  });

  it("are never those of a file outside the store, nor none at all", async () => {
    const of = await open();
    await writeFile(file("keys"), "alice\nbob\n");
    await rm(file("store/.gpg-id"));
    await symlink(file("keys"), file("store/.gpg-id"));
    await assert.rejects(of("a.com"), { code: "entry_invalid" });
    await rm(file("store/.gpg-id"));
    await assert.rejects(of("a.com"), { code: "entry_invalid" });
    await writeFile(file("store/office/.gpg-id"), "# nobody\n");
    await assert.rejects(of("office/a.com"), { code: "entry_invalid" });
  });

  it("are kept in mind where they can not be kept on the disk, and nothing is written then", async () => {
    await open();
    const [name = ""] = await readdir(file("recipients"));
    await rm(file("recipients", name));
    await mkdir(file("recipients", `${name}.new`));
    const of = await open();
    await assert.rejects(of("a.com"), { code: "internal", message: /can not be written/ });
    await writeFile(file("store/.gpg-id"), "mallory\n");
    await rm(file("recipients"), { recursive: true });
    assert.deepEqual(await changes(of, "a.com"), { added: ["mallory"], removed: ["alice", "bob"] });
    assert.deepEqual(await changes(await open(), "a.com"), { added: ["mallory"], removed: ["alice", "bob"] });
  });

  it("are not taken anew when what was kept can not be read", async () => {
    await open();
    const [name = ""] = await readdir(file("recipients"));
    await writeFile(file("recipients", name), "[");
    await assert.rejects(open(), { code: "internal", hint: /then remove the file: rm / });
  });
});
