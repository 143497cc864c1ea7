import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { endianness } from "node:os";
import { join } from "node:path";
import { execa } from "execa";
import { MAX_REPLY_BYTES } from "#protocol/names.ts";
import { createFrameDecoder, encodeFrame } from "#wire/frame.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { HELLO, codeOf } from "#test/harness/raw-client.ts";

const ROOT = join(import.meta.dirname, "../..");
const POSTERN = join(ROOT, "dist/postern-host.cjs");
/** Debian's, as set-up unpacked it or as it is installed; elsewhere there may be none. */
const BROWSERPASS = [join(ROOT, "build/browserpass"), "/"]
  .map((root) => join(root, "usr/lib/browserpass/browserpass-native"))
  .find((path) => existsSync(path));

const ENTRIES = { "bank/savings.example.net/alice": "another", "example.com": "marker-of-an-entry" };
const OUTSIDE = "marker-of-a-file-outside";
const MARKER = "marker-of-a-program";

interface Wish {
  /** The frame that has browserpass fulfil it. */
  theirs: object;
  /** As near as one comes to it in Postern's words. */
  ours: object[];
  isFulfilled: (answer: string) => boolean;
}

const FIND = { type: "find", origin: "https://example.com", use: "form" };
const GET = { type: "get", handle: "A".repeat(22), origin: "https://example.com", fields: ["password"] };

/** What whoever owns the browser would like to have of the user who lives at `home`. */
const WISHES: Record<string, (home: string, settings: object) => Wish> = {
  "execute a program of the caller's choosing": (home, settings) => {
    const gpgPath = join(home, "chosen");
    return {
      theirs: { action: "fetch", storeId: "main", file: "example.com.gpg", settings: { ...settings, gpgPath } },
      ours: [
        { ...GET, gpgPath },
        { ...FIND, settings: { gpgPath } },
      ],
      isFulfilled: () => existsSync(join(home, MARKER)),
    };
  },
  "read a .gpg file outside the store": (_home, settings) => ({
    theirs: { action: "fetch", storeId: "main", file: "../outside.gpg", settings },
    ours: [
      { ...GET, file: "../outside.gpg" },
      { ...GET, handle: "../outside.gpg" },
      { ...GET, fields: ["custom:../outside"] },
      { ...FIND, origin: "https://example.com/../outside" },
    ],
    isFulfilled: (answer) => answer.includes(OUTSIDE),
  }),
  "list the whole store": (_home, settings) => ({
    theirs: { action: "list", settings },
    ours: [
      { type: "list" },
      { type: "find", use: "form" },
      { ...FIND, origin: "https://*" },
      { ...FIND, origin: "" },
      { ...FIND, settings },
    ],
    isFulfilled: (answer) => Object.keys(ENTRIES).every((name) => answer.includes(name)),
  }),
};

describe("what one frame has browserpass do, and Postern not", function () {
  this.timeout(120_000);
  let store: PassStore;
  let broker: TestBroker;
  const table: string[][] = [];
  const parts = new AsyncDisposableStack();
  before(async () => {
    store = parts.use(await makePassStore(ENTRIES));
    broker = parts.use(await startBroker({ store }));
    await fakeProgram(store.home, "chosen", `touch ${join(store.home, MARKER)}\nexec gpg "$@"`);
    const outside = join(store.home, "outside");
    await writeFile(outside, OUTSIDE);
    const encrypt = ["--quiet", "--recipient", "test@postern.invalid", "--encrypt"];
    await store.gpg([...encrypt, "--output", `${outside}.gpg`, outside]);
  });
  beforeEach(() => rm(join(store.home, MARKER), { force: true }));
  after(async () => {
    for (const [wish = "", happened] of table) process.stdout.write(`    ${wish.padEnd(60)}${happened}\n`);
    await parts.disposeAsync();
  });

  for (const [name, wishOf] of Object.entries(WISHES)) {
    const wish = (): Wish => {
      const main = { id: "main", name: "main", path: store.store, settings: {} };
      return wishOf(store.home, { stores: { main } });
    };

    if (BROWSERPASS !== undefined) {
      it(`browserpass: ${name}`, async () => {
        const { theirs, isFulfilled } = wish();
        const answers = await exchange([BROWSERPASS], [theirs], store);
        assert.ok(isFulfilled(JSON.stringify(answers)), JSON.stringify(answers));
        table.push([`browserpass: ${name}`, "done"]);
      });
    }

    it(`Postern, asked to ${name}: bad_message`, async () => {
      const { theirs, ours, isFulfilled } = wish();
      // In browserpass's own words there is no id.
      const messages = [HELLO, theirs, ...[theirs, ...ours].map((message, at) => ({ id: 10 + at, ...message }))];
      const command = [process.execPath, POSTERN, "--socket", broker.socket];
      const answers = await exchange(command, messages, store);
      assert.equal(answers.length, messages.length);
      const codes = new Set(answers.filter(({ id }) => id !== HELLO.id).map(codeOf));
      assert.deepEqual([...codes], ["bad_message"]);
      assert.equal(isFulfilled(JSON.stringify(answers)), false);
      assert.deepEqual(broker.questions, []);
      table.push([`Postern: ${name}`, [...codes].join(", ")]);
    });
  }
});

/** Starts a native messaging host as a browser does, sends the frames and takes what comes back. */
async function exchange(
  [program = "", ...words]: string[],
  messages: object[],
  { environment }: PassStore,
): Promise<Record<string, unknown>[]> {
  const order = endianness();
  const input = Buffer.concat(messages.map((message) => encodeFrame(Buffer.from(JSON.stringify(message)), order)));
  const { stdout } = await execa(program, words, {
    input,
    encoding: "buffer",
    stripFinalNewline: false,
    env: environment,
    extendEnv: false,
    timeout: 60_000,
  });
  const frames = [...createFrameDecoder(MAX_REPLY_BYTES, order).push(stdout)];
  return frames.map((frame): Record<string, unknown> => JSON.parse(Buffer.from(frame).toString()));
}
