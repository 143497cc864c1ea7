import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import type { Socket } from "node:net";
import { join } from "node:path";
import { agentConnector } from "#cli/session/agent.ts";
import { makeKeyring } from "#cli/session/keyring.ts";
import { listenPrivately, serveSocket } from "#cli/session/listen.ts";
import { createAgentRelay } from "#consent/agent-relay.ts";
import { dataLines, readLines, unescapeData } from "#consent/assuan.ts";
import { connectSocket } from "#wire/socket.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";

const DIGEST = createHash("sha256").update("I owe you a thousand.").digest();
/** The name of SHA-256 as it stands in a signature before the digest (RFC 8017, section 9.2). */
const SHA256 = Buffer.from("3031300d060960864801650304020105000420", "hex");
const BYTES = 256;

interface Key {
  signing: string;
  decrypting: string;
}

interface World {
  /** The store's. */
  own: Key;
  /** One of the user's that has nothing to do with the store. */
  other: Key;
  /** A session key that is encrypted to the other key, as gpg hands it to the agent. */
  othersSecret: string;
}

interface Asking {
  commands: string[];
  ciphertext?: string;
}

const SIGN = [`SETHASH 8 ${DIGEST.toString("hex")}`, "PKSIGN"];

/** Each of them the agent's restricted socket by itself grants. */
const ASKINGS: Record<string, (world: World) => Asking> = {
  "to sign with the store's key": ({ own }) => ({ commands: [`SIGKEY ${own.signing}`, ...SIGN] }),
  "to sign with another key": ({ other }) => ({ commands: [`SIGKEY ${other.signing}`, ...SIGN] }),
  "to sign by the name of another command": ({ other }) => ({ commands: [`SETKEY ${other.signing}`, ...SIGN] }),
  "to decrypt with a signing key what is a signature then": ({ own }) => ({
    commands: [`SETKEY ${own.signing}`, "PKDECRYPT"],
    ciphertext: rsaValue(Buffer.concat([padding(), SHA256, DIGEST])),
  }),
  "to decrypt for another key": ({ other, othersSecret }) => ({
    commands: [`SETKEY ${other.decrypting}`, "PKDECRYPT"],
    ciphertext: othersSecret,
  }),
  "to decrypt for another key after one that may": ({ own, other, othersSecret }) => ({
    commands: [`SETKEY ${own.decrypting}`, `SETKEY ${other.decrypting}`, "PKDECRYPT"],
    ciphertext: othersSecret,
  }),
};

describe("attack 56: a broken vault asks the agent for what is no decrypt of the store's", function () {
  this.timeout(240_000);
  let user: PassStore;
  let world: World;
  let relay: string;
  let connectAgent: () => Promise<Socket>;
  /** What reached the agent by the relay. */
  let heard = "";
  const parts = new AsyncDisposableStack();
  before(async () => {
    user = parts.use(await makePassStore({}));
    const own = await makeKey(user, "own@postern.invalid");
    const other = await makeKey(user, "other@postern.invalid");
    world = { own, other, othersSecret: await encryptedFor(user, "other@postern.invalid") };
    await writeFile(join(user.store, ".gpg-id"), "own@postern.invalid\n");
    connectAgent = agentConnector(user.environment);
    relay = join(user.home, "relay.sock");
    const { keygrips } = await makeKeyring([user.store], join(user.home, "vault"), relay, user.environment);
    const listening = join(user.home, "listening.sock");
    parts.use(await serveSocket(listening, overhear));
    const effects = { keygrips, connectAgent: () => connectSocket(listening), options: [], describe: () => "Test" };
    parts.use(await listenPrivately(relay, createAgentRelay(effects)));
  });
  after(() => parts.disposeAsync());

  function overhear(socket: Socket): void {
    void connectAgent().then((agent) => {
      socket.on("data", (piece: Buffer) => (heard += piece.toString("latin1")));
      socket.pipe(agent).pipe(socket);
    });
  }

  for (const [name, askingOf] of Object.entries(ASKINGS)) {
    it(name, async () => {
      const { own, other } = world;
      const asking = askingOf(world);
      const granted = await ask(await connectAgent(), asking);
      assert.match(granted, /^\(7:sig-val|^\(5:value/, "without a filter it is granted");
      heard = "";
      const got = await ask(await connectSocket(relay), asking);
      assert.notEqual(got, granted);
      const forbidden = ["SIGKEY", "SETHASH", "PKSIGN", own.signing, other.signing, other.decrypting];
      assert.doesNotMatch(heard, new RegExp(forbidden.join("|")));
    });
  }

  it("but what is the store's it has, or nobody would have an entry", async () => {
    const ciphertext = await encryptedFor(user, "own@postern.invalid");
    const asking = { commands: [`SETKEY ${world.own.decrypting}`, "PKDECRYPT"], ciphertext };
    const granted = await ask(await connectAgent(), asking);
    assert.match(granted, /^\(5:value/);
    assert.equal(await ask(await connectSocket(relay), asking), granted);
  });
});

/** A key that signs, with a sub-key that decrypts. @returns their keygrips */
async function makeKey({ gpg }: PassStore, name: string): Promise<Key> {
  const quietly = ["--batch", "--quiet", "--passphrase", ""];
  await gpg([...quietly, "--quick-gen-key", name, "rsa2048", "cert,sign", "never"]);
  const listing = ["--batch", "--with-colons", "--with-keygrip", "--list-secret-keys", name];
  const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(await gpg(listing))?.[1] ?? "";
  await gpg([...quietly, "--quick-add-key", fingerprint, "rsa2048", "encr", "never"]);
  const [signing = "", decrypting = ""] = Array.from(
    (await gpg(listing)).matchAll(/^grp:+([0-9A-F]{40}):/gm),
    ([, grip = ""]) => grip,
  );
  return { signing, decrypting };
}

/** What the agent is given of a message: the first packet of it holds the session key (RFC 4880, section 5.1). */
async function encryptedFor({ gpg, home }: PassStore, name: string): Promise<string> {
  const plain = join(home, "plain");
  await writeFile(plain, "a letter");
  const options = ["--batch", "--yes", "--trust-model", "always", "--output", `${plain}.gpg`];
  await gpg([...options, "--recipient", name, "--encrypt", plain]);
  const message = await readFile(`${plain}.gpg`);
  // One of a two-byte length; then version, key id and algorithm, and a number with its length in bits.
  assert.equal(message[0], 0x85);
  const bits = message.readUInt16BE(13);
  return rsaValue(message.subarray(15, 15 + Math.ceil(bits / 8)));
}

function rsaValue(number: Buffer): string {
  return `(7:enc-val(3:rsa(1:a${number.length}:${number.toString("latin1")})))`;
}

function padding(): Buffer {
  const length = BYTES - SHA256.length - DIGEST.length - 3;
  return Buffer.concat([Buffer.of(0, 1), Buffer.alloc(length, 0xff), Buffer.of(0)]);
}

/** Says the commands one after the other, whatever is said to them. @returns the data in the answer to the last */
async function ask(socket: Socket, { commands, ciphertext = "" }: Asking): Promise<string> {
  const lines = readLines(socket);
  let data = "";
  for (const command of ["NOP", ...commands]) {
    // The greeting is the answer to the first.
    if (command !== "NOP") socket.write(`${command}\n`);
    data = "";
    for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
      if (line.value.startsWith("D ")) data += unescapeData(line.value.slice(2));
      if (line.value.startsWith("INQUIRE ")) socket.write([...dataLines(ciphertext), "END\n"].join("\n"), "latin1");
      if (/^(?:OK|ERR)/.test(line.value)) break;
    }
  }
  socket.destroy();
  return data;
}
