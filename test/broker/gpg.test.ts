import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { cp, mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createGpg } from "#broker/gpg.ts";
import { readEncrypted } from "#broker/openpgp-recipients.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";

const TEXT = "hunter2\nlogin: alice\n";
const ME = "test@postern.invalid";

describe("gpg", function () {
  this.timeout(60_000);
  let mine: PassStore;
  let theirs: PassStore;
  const never = new AbortController().signal;
  const path = process.env.PATH ?? "";

  before(async () => {
    mine = await makePassStore({});
    theirs = await makePassStore({});
    await writeFile(join(mine.home, "text"), TEXT);
    const rsa = ["--quick-gen-key", "RSA <rsa@postern.invalid>", "rsa2048", "encrypt", "never"];
    await mine.gpg(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...rsa]);
  });
  after(async () => {
    await mine[Symbol.asyncDispose]();
    await theirs[Symbol.asyncDispose]();
  });

  /** What gpg itself makes of the text with these arguments. */
  async function made(...args: string[]): Promise<Buffer> {
    const output = join(mine.home, "made");
    const always = ["--batch", "--yes", "--quiet", "--trust-model", "always", "--output", output];
    await mine.gpg([...always, ...args, join(mine.home, "text")]);
    return await readFile(output);
  }

  async function decrypt(message: Uint8Array, homedir = mine.gnupg): Promise<string> {
    return (await createGpg({ homedir, path, signal: never }).decrypt(message, never)).toString();
  }

  const READABLE: Record<string, string[]> = {
    "to a cv25519 key": ["-r", ME, "-e"],
    "to an RSA key": ["-r", "rsa@postern.invalid", "-e"],
    "to both": ["-r", ME, "-r", "rsa@postern.invalid", "-e"],
    armored: ["-r", ME, "--armor", "-e"],
    "armored with a comment": ["-r", ME, "--armor", "--comment", "a: b", "-e"],
    "to a hidden recipient": ["-R", ME, "-e"],
    "not compressed": ["-r", ME, "-z", "0", "-e"],
    "signed and encrypted": ["-r", ME, "-u", ME, "-s", "-e"],
  };
  for (const [title, args] of Object.entries(READABLE)) {
    it(`decrypts a message ${title}`, async () => assert.equal(await decrypt(await made(...args)), TEXT));
  }

  it("writes nothing where there is no keyring, whatever the message, and started ahead as little", async () => {
    await using home = await temporaryDirectory();
    const stop = new AbortController();
    const gpg = createGpg({ homedir: home.path, path, signal: stop.signal });
    for (const recipient of ["-r", "-R"]) {
      const message = await made(recipient, ME, "-e");
      await gpg.prepare();
      await assert.rejects(gpg.decrypt(message, never), { code: "not_encrypted_to_you" });
    }
    stop.abort();
    assert.deepEqual(await readdir(home.path), []);
  });

  it("decrypts a message that gpg wrote in parts", async () => {
    // gpg does not know beforehand how long it is when it is compressed.
    const text = randomBytes(200_000).toString("base64");
    await writeFile(join(mine.home, "text"), text);
    try {
      const message = await made("-r", ME, "-z", "6", "-e");
      const packets = await mine.gpg(["--batch", "--list-packets", join(mine.home, "made")]);
      assert.match(packets, /^:encrypted data packet:\n\tlength: unknown$/m);
      assert.equal(await decrypt(message), text);
    } finally {
      await writeFile(join(mine.home, "text"), TEXT);
    }
  });

  it("decrypts a message that is to others as well", async () => {
    const theirKey = await exportedKey();
    assert.equal(await decrypt(await made("-f", theirKey, "-r", ME, "-e")), TEXT);
  });

  it("refuses a message to someone else alone", async () => {
    const message = await made("-f", await exportedKey(), "-e");
    await assert.rejects(decrypt(message), { code: "not_encrypted_to_you" });
  });

  it("tells a key whose secret part is elsewhere", async () => {
    const message = await made("-f", await exportedKey(), "-e");
    await using home = await temporaryDirectory();
    await cp(join(theirs.gnupg, "pubring.kbx"), join(home.path, "pubring.kbx"));
    await pointAtAgent(home.path, mine);
    await assert.rejects(decrypt(message, home.path), { code: "no_secret_key" });
  });

  const REFUSED: Record<string, string[]> = {
    "never encrypted": ["--store"],
    "only signed": ["-u", ME, "-s"],
    "signed in clear": ["-u", ME, "--clear-sign"],
    "encrypted with a passphrase": ["--pinentry-mode", "loopback", "--passphrase", "x", "-c"],
    "encrypted with a passphrase and to a key": [
      "--pinentry-mode",
      "loopback",
      "--passphrase",
      "x",
      "-r",
      ME,
      "-c",
      "-e",
    ],
  };
  for (const [title, args] of Object.entries(REFUSED)) {
    it(`refuses a message ${title}`, async () => {
      await assert.rejects(decrypt(await made(...args)), { code: "entry_invalid" });
    });
  }

  it("refuses a message that was changed or cut anywhere in its encrypted part", async () => {
    const message = await made("-r", ME, "-e");
    const { encrypted } = readEncrypted(message);
    const begin = message.length - encrypted.length;
    assert.deepEqual(new Uint8Array(message.subarray(begin)), new Uint8Array(encrypted));
    const spoilt = Array.from(encrypted, (byte, at) => {
      const changed = Buffer.from(message);
      changed.writeUInt8(byte ^ 1, begin + at);
      return [changed, message.subarray(0, begin + at)];
    }).flat();
    // Some at a time: each takes a gpg.
    while (spoilt.length > 0) {
      await Promise.all(spoilt.splice(0, 8).map((each) => assert.rejects(decrypt(each), { code: "entry_invalid" })));
    }
    await assert.rejects(decrypt(Buffer.concat([await made("--store"), message])), { code: "entry_invalid" });
    await assert.rejects(decrypt(Buffer.concat([message, await made("--store")])), { code: "entry_invalid" });
  });

  it("refuses what unfolds to more than 1 MiB", async () => {
    await writeFile(join(mine.home, "text"), Buffer.alloc(64 * 1024 * 1024));
    try {
      const message = await made("-r", ME, "-e");
      assert(message.length < 1024 * 1024);
      await assert.rejects(decrypt(message), { code: "entry_invalid", message: /1 MiB/ });
    } finally {
      await writeFile(join(mine.home, "text"), TEXT);
    }
  });

  it("works with a home of public keys and a way to the extra socket, and writes nothing in it", async () => {
    await using home = await temporaryDirectory();
    for (const file of ["pubring.kbx", "trustdb.gpg"]) await cp(join(mine.gnupg, file), join(home.path, file));
    await pointAtAgent(home.path, mine);
    const before = await snapshot(home.path);
    assert.equal(await decrypt(await made("-r", ME, "-e"), home.path), TEXT);
    assert.equal(await decrypt(await made("-R", ME, "-e"), home.path), TEXT);
    assert.deepEqual(await snapshot(home.path), before);
  });

  it("tells that the agent is not there", async () => {
    await using home = await temporaryDirectory();
    await cp(join(mine.gnupg, "pubring.kbx"), join(home.path, "pubring.kbx"));
    const message = await made("-r", ME, "-e");
    await assert.rejects(decrypt(message, home.path), { code: "agent_unreachable" });
    await writeFile(join(home.path, "S.gpg-agent"), "%Assuan%\nsocket=/nowhere/S.gpg-agent\n");
    await assert.rejects(decrypt(message, home.path), { code: "agent_unreachable" });
  });

  it("sees a key that came later", async () => {
    await using home = await temporaryDirectory();
    await pointAtAgent(home.path, mine);
    const gpg = createGpg({ homedir: home.path, path, signal: never });
    const message = await made("-r", ME, "-e");
    await assert.rejects(gpg.decrypt(message, never), { code: "not_encrypted_to_you" });
    await cp(join(mine.gnupg, "pubring.kbx"), join(home.path, "pubring.kbx"));
    assert.equal((await gpg.decrypt(message, never)).toString(), TEXT);
  });

  it("takes the empty text, and many at once", async () => {
    await writeFile(join(mine.home, "text"), "");
    const empty = await made("-r", ME, "-e");
    await writeFile(join(mine.home, "text"), TEXT);
    assert.equal(await decrypt(empty), "");
    const message = await made("-r", ME, "-e");
    assert.equal(readEncrypted(message).recipients.length, 1);
    const all = await Promise.all(Array.from({ length: 8 }, () => decrypt(message)));
    assert.deepEqual(new Set(all), new Set([TEXT]));
  });

  it("decrypts with one that waits, and knows the keyring as it then is", async () => {
    await using home = await temporaryDirectory();
    await pointAtAgent(home.path, mine);
    await cp(join(theirs.gnupg, "pubring.kbx"), join(home.path, "pubring.kbx"));
    const counting = await countingGpg(home.path);
    const gpg = createGpg({ homedir: home.path, path: counting.path, signal: never });
    const message = await made("-r", ME, "-e");
    await gpg.prepare();
    await eventually("one waits", async () => (await counting.count()) === 1);
    await cp(join(mine.gnupg, "pubring.kbx"), join(home.path, "pubring.kbx"));
    assert.equal((await gpg.decrypt(message, never)).toString(), TEXT);
    assert.equal(await counting.count(), 2);
    await gpg.prepare();
    await eventually("one waits", async () => (await counting.count()) === 3);
    assert.equal((await gpg.decrypt(message, never)).toString(), TEXT);
    assert.equal(await counting.count(), 3);
    assert.equal((await gpg.decrypt(message, never)).toString(), TEXT);
    assert.equal(await counting.count(), 4);
  });

  it("costs the agent one decryption for the same message asked for at once", async () => {
    await using home = await temporaryDirectory();
    await cp(join(mine.gnupg, "pubring.kbx"), join(home.path, "pubring.kbx"));
    const counting = await countingGpg(home.path);
    await pointAtAgent(home.path, mine);
    const gpg = createGpg({ homedir: home.path, path: counting.path, signal: never });
    const message = await made("-r", ME, "-e");
    const all = await Promise.all(Array.from({ length: 8 }, () => gpg.decrypt(message, never)));
    assert.deepEqual(new Set(all.map(String)), new Set([TEXT]));
    assert.equal(await counting.count(), 1);
  });

  /** The real one, on a path of its own; and how many of it were started to decrypt. */
  async function countingGpg(home: string): Promise<{ path: string; count: () => Promise<number> }> {
    const script = `case "$*" in *--decrypt*) echo one >> "$HOME/count";; esac; PATH='${path}' exec gpg "$@"`;
    await fakeProgram(join(home, "bin"), "gpg", script);
    const lines = (): Promise<string> => readFile(join(home, "count"), "utf8").catch(() => "");
    return { path: `${join(home, "bin")}:${path}`, count: async () => (await lines()).split("\n").length - 1 };
  }

  async function exportedKey(): Promise<string> {
    const file = join(mine.home, "their-key");
    await writeFile(file, await theirs.gpg(["--batch", "--armor", "--export"]));
    return file;
  }
});

/** As the vault's home does it. */
async function pointAtAgent(home: string, { gnupg }: PassStore): Promise<void> {
  await mkdir(home, { recursive: true });
  await writeFile(join(home, "S.gpg-agent"), `%Assuan%\nsocket=${gnupg}/S.gpg-agent.extra\n`);
}

async function snapshot(directory: string): Promise<string[]> {
  const names = (await readdir(directory)).toSorted();
  return await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs, ino } = await stat(join(directory, name));
      return [name, size, mtimeMs, ino].join(" ");
    }),
  );
}
