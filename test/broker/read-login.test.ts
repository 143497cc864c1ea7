import assert from "node:assert/strict";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseEntryName } from "#broker/entry-name.ts";
import { createGpg } from "#broker/gpg.ts";
import type { Login } from "#broker/login.ts";
import { readLogin } from "#broker/read-login.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";

describe("a login in a store that pass made", function () {
  this.timeout(60_000);
  let mine: PassStore;
  before(async () => {
    mine = await makePassStore({ "example.com/alice": "pä ss\nurl: https://example.com\nnote: stays\n" });
  });
  after(() => mine[Symbol.asyncDispose]());

  async function read(text: string): Promise<Omit<Login, "fields">> {
    const name = parseEntryName(text);
    assert(name);
    const gpg = createGpg({ homedir: mine.gnupg, path: process.env.PATH ?? "" });
    const { fields: _, ...login } = await readLogin(mine.store, gpg, { name }, new AbortController().signal);
    return login;
  }

  it("is read: password, and the user of its name", async () => {
    assert.deepEqual(await read("example.com/alice"), { password: "pä ss", username: "alice" });
  });

  it("belongs to the name it has now", async () => {
    await rename(join(mine.store, "example.com"), join(mine.store, "example.org"));
    await assert.rejects(read("example.com/alice"), { code: "entry_invalid", message: /no longer/ });
    assert.deepEqual(await read("example.org/alice"), { password: "pä ss", username: "alice" });
  });

  it("is refused when its text is not UTF-8, rather than filled with another password", async () => {
    const plain = join(mine.home, "latin");
    await writeFile(plain, Buffer.from("p\u00e4ss\n", "latin1"));
    await mine.gpg(["--batch", "-r", "test@postern.invalid", "-o", join(mine.store, "latin.gpg"), "-e", plain]);
    await assert.rejects(read("latin"), { code: "entry_invalid", message: /UTF-8/ });
  });
});
