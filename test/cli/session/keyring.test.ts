import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { makeKeyring } from "#cli/session/keyring.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";

describe("the vault's keyring", function () {
  this.timeout(60_000);
  let store: PassStore;
  let target: string;
  beforeEach(async () => {
    store = await makePassStore({ "example.com": "pw" });
    target = join(store.home, "vault");
  });
  afterEach(() => store[Symbol.asyncDispose]());

  const make = () => makeKeyring([store.store], target, "/run/postern/session/agent.sock", store.environment);

  it("has the store's public key, its trust, the way to the relay, and no secret", async () => {
    const keyring = await make();
    assert.deepEqual([...keyring.keygrips].map(keyring.ownerOf), ["Test <test@postern.invalid>"]);
    const names = (await readdir(target)).toSorted();
    assert.deepEqual(
      names.filter((name) => !name.endsWith("~")),
      ["S.gpg-agent", "pubring.gpg", "trustdb.gpg"],
    );
    assert.equal(
      await readFile(join(target, "S.gpg-agent"), "utf8"),
      "%Assuan%\nsocket=/run/postern/session/agent.sock\n",
    );
    const ofVault = ["--homedir", target, "--batch", "--no-autostart"];
    const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(await store.gpg(["--batch", "--with-colons", "-k"]))?.[1];
    const listed = await store.gpg([...ofVault, "--with-colons", "-k"]);
    assert.deepEqual(fingerprintsIn(listed), [fingerprint]);
    assert.match(await store.gpg([...ofVault, "--export-ownertrust"]), new RegExp(`^${fingerprint}:6:$`, "m"));
    for (const ring of names.filter((name) => name.startsWith("pubring")))
      assert.doesNotMatch(await store.gpg([...ofVault, "--list-packets", join(target, ring)]), /secret/);
  });

  it("says that the signatures on the keys were found sound", async () => {
    await make();
    const gpg = ["--homedir", target, "--batch", "--no-autostart", "--list-packets", join(target, "pubring.gpg")];
    const packets = await store.gpg(gpg);
    // Of the user id and of the sub-key: flag 1 is "checked", 2 "valid" (GnuPG's doc/DETAILS, "Ring trust packet").
    assert.equal(packets.match(/^:trust packet: .* sigcache=03$/gm)?.length, 2, packets);
  });

  it("holds the encryption sub-key's grip and not the signing key's", async () => {
    const { keygrips } = await make();
    const listing = await store.gpg(["--batch", "--with-colons", "--with-keygrip", "-K"]);
    const [signing, encryption] = [...listing.matchAll(/^grp:+([0-9A-F]{40}):/gm)].map((match) => match[1]);
    assert.deepEqual([...keygrips], [encryption]);
    assert.notEqual(signing, encryption);
  });

  it("leaves out the user's other keys, and keys that are others'", async () => {
    await store.gpg([
      "--batch",
      "--quiet",
      "--passphrase",
      "",
      "--quick-gen-key",
      "other@postern.invalid",
      "future-default",
      "default",
      "never",
    ]);
    await writeFile(
      join(store.store, ".gpg-id"),
      "# mine\ntest@postern.invalid # and a friend's:\nfriend@postern.invalid\n",
    );
    const { keygrips, ownerOf } = await make();
    assert.deepEqual([...keygrips].map(ownerOf), ["Test <test@postern.invalid>"]);
    const listed = await store.gpg(["--homedir", target, "--batch", "--no-autostart", "--with-colons", "-k"]);
    assert.deepEqual(
      listed.match(/^uid:.*$/gm)?.map((line) => line.split(":")[9]),
      ["Test <test@postern.invalid>"],
    );
  });

  it("finds keys that only a folder of the store names", async () => {
    await store.gpg([
      "--batch",
      "--quiet",
      "--passphrase",
      "",
      "--quick-gen-key",
      "other@postern.invalid",
      "future-default",
      "default",
      "never",
    ]);
    await store.insert("team/example.org", "pw");
    await writeFile(join(store.store, "team/.gpg-id"), "other@postern.invalid\n");
    assert.equal((await make()).keygrips.size, 2);
  });

  it("takes a key whose last byte reads as the end of a line", async () => {
    // About one in sixteen does. This one was made for the test, and nothing is encrypted to it.
    const key = join(import.meta.dirname, "../../vectors/key-ending-in-a-line-feed.asc");
    await store.gpg(["--batch", "--quiet", "--import", key]);
    const address = "line-end@postern.invalid";
    const exported = ["--batch", "--export", "--export-options", "export-minimal", address];
    const { stdout } = await promisify(execFile)("gpg", exported, { env: store.environment, encoding: "buffer" });
    assert.equal(stdout.at(-1), 0x0a);
    await writeFile(join(store.store, ".gpg-id"), `${address}\n`);
    assert.equal((await make()).keygrips.size, 1);
  });

  function fingerprintsIn(listing: string): string[] {
    // A sub-key has one, too, after its own line.
    return [...listing.matchAll(/^pub:.*\nfpr:+([0-9A-F]{40}):/gm)].map(([, fingerprint = ""]) => fingerprint);
  }

  it("says when no secret key of the store is here", async () => {
    await writeFile(join(store.store, ".gpg-id"), "friend@postern.invalid\n");
    await assert.rejects(make(), { code: "no_secret_key" });
  });

  it("takes a .gpg-id that reads as an option for a name", async () => {
    await writeFile(join(store.store, ".gpg-id"), "--version\n");
    await assert.rejects(make(), { code: "no_secret_key" });
  });

  it("says when it is no store", async () => {
    await rm(join(store.store, ".gpg-id"));
    await assert.rejects(make(), { code: "store_unavailable" });
  });
});
