import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { access, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { peakOf } from "#test/harness/memory.ts";
import {
  type Sealing,
  compressed,
  literal,
  seal,
  sealUnprotected,
  startSealing,
  unfoldingTo,
} from "#test/harness/openpgp.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const run = promisify(execFile);
const ME = "test@postern.invalid";
const MARKER = "marker-of-attack-21";
const BEGIN = "-----BEGIN PGP MESSAGE-----";

describe("attack 21: a file in the store that is no entry of the user's", function () {
  this.timeout(120_000);
  let mine: PassStore;
  let theirs: PassStore;
  let sealing: Sealing;
  let broker: TestBroker;
  let asked: string;

  before(async () => {
    mine = await makePassStore({ "sound.example.com": "sound" });
    theirs = await makePassStore({});
    for (const { home } of [mine, theirs]) await writeFile(join(home, "text"), `${MARKER}\n`);
    sealing = await startSealing(mine, ME);
    // Whoever is asked for a passphrase that a stranger chose leaves a marker, and gives it.
    asked = join(mine.home, "asked");
    const answers = 'case "$command" in GETPIN) echo "D x"; echo OK;; BYE) echo OK; exit;; *) echo OK;; esac';
    const pinentry = `touch ${asked}\necho OK\nwhile read -r command rest; do ${answers}; done`;
    await writeFile(
      join(mine.gnupg, "gpg-agent.conf"),
      `pinentry-program ${await fakeProgram(mine.home, "pinentry", pinentry)}\n`,
    );
    await run("gpgconf", ["--kill", "gpg-agent"], { env: mine.environment });
    await run("gpg-connect-agent", ["/bye"], { env: mine.environment });
    broker = await startBroker({ store: mine, config: "[gates.test.limits]\ngets-a-minute = 1000\n" });
  });
  after(async () => {
    await broker[Symbol.asyncDispose]();
    await mine[Symbol.asyncDispose]();
    await theirs[Symbol.asyncDispose]();
  });

  afterEach(() => rm(asked, { force: true }));

  /** What gpg makes of the text. */
  async function made(args: string[], store = mine): Promise<Buffer> {
    const output = join(store.home, "made");
    await store.gpg(["--batch", "--yes", "--quiet", "--output", output, ...args, join(store.home, "text")]);
    return await readFile(output);
  }
  const symmetric = ["--pinentry-mode", "loopback", "--passphrase", "x"];
  const sound = (): Promise<Buffer> => made(["-r", ME, "-e"]);
  const sealed = async (content: Buffer): Promise<Buffer> => seal(sealing, content);
  const armored = async (change: (text: string) => string): Promise<Buffer> =>
    Buffer.from(change((await made(["-r", ME, "--armor", "-e"])).toString()));

  const ATTACKS: Record<string, () => Promise<Buffer>> = {
    "never encrypted": () => made(["--store"]),
    "never encrypted, and armored": () => made(["--armor", "--store"]),
    "only signed": () => made(["-u", ME, "-s"]),
    "signed in clear": () => made(["-u", ME, "--clear-sign"]),
    "plain text": async () => Buffer.from(`${MARKER}\n`),
    "literal data before the encrypted": async () => Buffer.concat([await made(["--store"]), await sound()]),
    "literal data behind the encrypted": async () => Buffer.concat([await sound(), await made(["--store"])]),
    "two messages": async () => Buffer.concat([await sound(), await sound()]),
    "encrypted with a passphrase": () => made([...symmetric, "-c"]),
    "encrypted with a passphrase as well": () => made([...symmetric, "-r", ME, "-c", "-e"]),
    "encrypted with a passphrase below the key's encryption": async () => sealed(await made([...symmetric, "-c"])),
    "encrypted twice": async () => sealed(await sound()),
    "encrypted without integrity protection": async () => sealUnprotected(sealing, literal(MARKER)),
    "without integrity protection below one that has it": () => sealed(sealUnprotected(sealing, literal(MARKER))),
    "two texts in one": () => sealed(Buffer.concat([literal(MARKER), literal(MARKER)])),
    "signed over the encrypted": async () => {
      await writeFile(join(mine.home, "text"), await sound());
      const message = await made(["-u", ME, "-s"]);
      await writeFile(join(mine.home, "text"), `${MARKER}\n`);
      return message;
    },
    "changed in its last byte": async () => {
      const message = await sound();
      return Buffer.concat([message.subarray(0, -1), Buffer.from([(message.at(-1) ?? 0) ^ 1])]);
    },
    "cut short": async () => (await sound()).subarray(0, -1),
    "unfolding to 512 MiB": async () => sealed(compressed(await unfoldingTo(512 * 1024 * 1024))),
    "armor with text before it": () => armored((text) => `${MARKER}\n${text}`),
    "armor without its end": () => armored((text) => text.replace(/-----END.*/, "")),
    "armor with a line that is not base64": () => armored((text) => text.replace("\n\n", "\n\n!!!!\n")),
    "armor twice": () => armored((text) => text + text),
    "armor of another kind": () => armored((text) => text.replace(BEGIN, "-----BEGIN PGP SIGNED MESSAGE-----")),
  };

  for (const [at, [title, attack]] of Object.entries(ATTACKS).entries()) {
    it(`${title}: entry_invalid, and nothing of it`, async () => {
      await assertRefused(`attack${at}.example.com`, await attack(), "entry_invalid");
    });
  }

  it("encrypted to somebody else: not_encrypted_to_you, and nothing of it", async () => {
    await assertRefused("theirs.example.com", await made(["-r", ME, "-e"], theirs), "not_encrypted_to_you");
  });

  it("is what bare gpg prints, or asks a passphrase for", async () => {
    for (const title of ["never encrypted", "only signed", "signed in clear", "encrypted twice"]) {
      await writeFile(join(mine.home, "bare"), (await ATTACKS[title]?.()) ?? assert.fail());
      const printed = await mine.gpg(["--batch", "--quiet", "--decrypt", join(mine.home, "bare")]);
      assert.equal(printed, `${MARKER}\n`, title);
    }
    assert.equal(await wasAsked(), false);
    const hidden = (await ATTACKS["encrypted with a passphrase below the key's encryption"]?.()) ?? assert.fail();
    await writeFile(join(mine.home, "bare"), hidden);
    assert.equal(await mine.gpg(["--batch", "--quiet", "--decrypt", join(mine.home, "bare")]), `${MARKER}\n`);
    assert.equal(await wasAsked(), true);
  });

  async function assertRefused(site: string, message: Buffer, code: string): Promise<void> {
    await writeFile(join(mine.store, `${site}.gpg`), message);
    const before = await peakOf(broker);
    const reply = await eventually("an entry that came", () => get(site));
    assert.equal(codeOf(reply), code, JSON.stringify(reply));
    const seen = [JSON.stringify(reply), JSON.stringify(await broker.log()), broker.output()];
    for (const text of [...seen, JSON.stringify(broker.questions)]) assert.equal(text.includes(MARKER), false, text);
    assert.equal(await wasAsked(), false, "somebody was asked for a passphrase");
    assert.ok((await peakOf(broker)) - before < 64 * 1024, "the broker took in what it refused");
    // One may wait for the next message.
    await eventually(
      "its gpg is gone",
      async () => (await childrenOf(broker)).filter((name) => name === "gpg").length < 2,
    );
    assert.deepEqual((await get("sound.example.com"))?.result, { password: "sound" });
  }

  /** Undefined while the entry is not known yet. */
  async function get(site: string): Promise<Record<string, unknown> | undefined> {
    using client = await greetedClient(broker.socket);
    const origin = `https://${site}`;
    const handle = await findFirst(client, 2, origin).catch(() => undefined);
    if (handle === undefined) return undefined;
    return await client.ask({ id: 3, type: "get", handle, origin, fields: ["username", "password", "otp"] });
  }

  function wasAsked(): Promise<boolean> {
    return access(asked).then(
      () => true,
      () => false,
    );
  }
});

async function childrenOf({ process }: TestBroker): Promise<string[]> {
  const names: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
    const [, name, parent] = /^\d+ \((.*)\) \S (\d+)/s.exec(stat) ?? [];
    if (name !== undefined && Number(parent) === process.pid) names.push(name);
  }
  return names;
}
