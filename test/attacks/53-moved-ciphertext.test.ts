import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { readPacket } from "#broker/openpgp-packet.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const MARKER = "marker-of-attack-53";
const BANK = "https://bank.com";
const EVIL = "https://evil.org";
/** The same login to gpg, in a file of other bytes: whoever moves one can change it so, without a key. */
const DISGUISES: Record<string, (message: Buffer) => Buffer> = {
  "a marker in front": (message) => Buffer.concat([Buffer.from("ca03504750", "hex"), message]),
  "in armor": (message) =>
    Buffer.from(`-----BEGIN PGP MESSAGE-----\n\n${message.toString("base64")}\n-----END PGP MESSAGE-----\n`),
  "one recipient more": (message) => Buffer.concat([strangerOf(message), message]),
  "a longer length": (message) => {
    const { start, tag, body } = encryptedOf(message);
    return Buffer.concat([start, Buffer.from([0xc0 | tag, 0xff, 0, 0, body.length >> 8, body.length & 0xff]), body]);
  },
  "in parts": (message) => {
    const { start, tag, body } = encryptedOf(message);
    const rest = body.length - 512;
    const length = Buffer.from([0xff, 0, 0, rest >> 8, rest & 0xff]);
    return Buffer.concat([start, Buffer.from([0xc0 | tag, 0xe9]), body.subarray(0, 512), length, body.subarray(512)]);
  },
};

/** The recipients as they stand, and what is encrypted. */
function encryptedOf(message: Buffer): { start: Buffer; tag: number; body: Uint8Array } {
  const { end } = readPacket(message, 0);
  const { tag, body } = readPacket(message, end);
  return { start: message.subarray(0, end), tag, body };
}

/** The message's own recipient under another key's id. */
function strangerOf(message: Buffer): Buffer {
  const { start } = encryptedOf(message);
  return Buffer.concat([start.subarray(0, 3), Buffer.from("0123456789abcdef", "hex"), start.subarray(11)]);
}

const LIMITS = "[gates.test.limits]\ngets-a-minute = 1000\n";

describe("attack 53: a login's file moved under the name of another site", function () {
  this.timeout(60_000);
  let store: PassStore;
  let broker: TestBroker;
  beforeEach(async () => {
    store = await makePassStore({ "bank.com/alice": `${MARKER}\n`, "evil.org/bob": "theirs\n" });
    broker = await startBroker({ store, config: LIMITS });
  });
  afterEach(async () => {
    await broker[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  const file = (name: string): string => join(store.store, `${name}.gpg`);
  async function plant(from: string, to: string, disguise = (message: Buffer) => message): Promise<void> {
    await mkdir(dirname(file(to)), { recursive: true });
    // Written beside it and put in its place, as git does.
    await writeFile(join(store.home, "planted"), disguise(await readFile(file(from))));
    await rename(join(store.home, "planted"), file(to));
  }

  /** The handle of an entry, once it is known. */
  async function known(client: RawClient, origin: string, label: string): Promise<string> {
    return await eventually(label, async () => {
      const { result } = await client.ask({ id: 2, type: "find", origin, use: "form" });
      client.received.length = 0;
      return new RegExp(`"handle":"([\\w-]{22})","label":"${label}"`).exec(JSON.stringify(result))?.[1];
    });
  }

  async function get(origin: string, label: string, fields = ["username", "password"]) {
    using client = await greetedClient(broker.socket);
    const handle = await known(client, origin, label);
    broker.questions.length = 0;
    return await client.ask({ id: 3, type: "get", handle, origin, fields });
  }

  /** Says yes to what is asked about every fill, and this to what was moved. */
  const person = (answer: "deny" | "once" | "session"): Promise<void> =>
    broker.person(async (question) => (question.kind === "fill" && question.elsewhere ? answer : "session"));
  const asked = (): FillQuestion["elsewhere"][] =>
    broker.questions.map((question) => (question.kind === "fill" ? question.elsewhere : assert.fail()));

  async function assertRefused(reply: Record<string, unknown>): Promise<void> {
    assert.equal(codeOf(reply), "denied", JSON.stringify(reply));
    assert.equal(JSON.stringify(reply).includes(MARKER), false);
  }

  it("known from a fill: a question that names both sites, and nothing after a no", async () => {
    await person("deny");
    assert.deepEqual((await get(BANK, "bank.com/alice")).result, { username: "alice", password: MARKER });
    assert.deepEqual(asked(), [undefined]);
    await plant("bank.com/alice", "evil.org/alice");
    await assertRefused(await get(EVIL, "evil.org/alice"));
    assert.deepEqual(asked(), [undefined, { by: "filled", sites: ["bank.com"] }]);
    const [, question] = broker.questions;
    assert.ok(question?.kind === "fill");
    assert.deepEqual([question.site, question.entry, question.minutes], ["evil.org", "evil.org/alice", 0]);
  });

  it("under a name that a yes for 15 minutes covers: asked all the same", async () => {
    await person("deny");
    assert.deepEqual((await get(BANK, "bank.com/alice")).result, { username: "alice", password: MARKER });
    assert.deepEqual((await get(EVIL, "evil.org/bob")).result, { username: "bob", password: "theirs" });
    await plant("bank.com/alice", "evil.org/bob");
    await assertRefused(await get(EVIL, "evil.org/bob"));
    assert.deepEqual(asked(), [{ by: "filled", sites: ["bank.com"] }]);
  });

  for (const [title, disguise] of Object.entries(DISGUISES)) {
    it(`as a file of other bytes that holds the same, ${title}: asked all the same`, async () => {
      // Long enough to be taken apart.
      await store.insert("bank.com/alice", `${MARKER}\n${randomBytes(600).toString("hex")}\n`);
      await person("deny");
      assert.deepEqual((await get(BANK, "bank.com/alice")).result, { username: "alice", password: MARKER });
      await plant("bank.com/alice", "evil.org/alice", disguise);
      await assertRefused(await get(EVIL, "evil.org/alice"));
      assert.deepEqual(asked().at(-1), { by: "filled", sites: ["bank.com"] });
    });
  }

  it("known from a fill before the broker was ended: asked all the same", async () => {
    await person("deny");
    await get(BANK, "bank.com/alice");
    const { mode } = await stat(join(broker.state, "filled.json"));
    assert.equal(mode & 0o777, 0o600);
    await broker[Symbol.asyncDispose]();
    await plant("bank.com/alice", "evil.org/alice");
    broker = await startBroker({ store, config: LIMITS });
    await person("deny");
    await assertRefused(await get(EVIL, "evil.org/alice"));
    assert.deepEqual(asked().at(-1), { by: "filled", sites: ["bank.com"] });
  });

  it("never filled, but with a url: of its own inside: asked with that", async () => {
    await store.insert("bank.com/carol", `${MARKER}\nurl: https://www.bank.com/login\n`);
    await person("deny");
    await plant("bank.com/carol", "evil.org/carol");
    await assertRefused(await get(EVIL, "evil.org/carol"));
    assert.deepEqual(asked(), [undefined, { by: "url", sites: ["www.bank.com"] }]);
    // At its own place that gives no cause.
    assert.deepEqual((await get(BANK, "bank.com/carol")).result, { username: "carol", password: MARKER });
    assert.deepEqual(asked(), [undefined]);
  });

  it("as a part of another entry: the one-time code of a site is not given to another", async () => {
    await store.insert("bank.com/dora/password", "pw\n");
    await store.insert("bank.com/dora/totp", "JBSWY3DPEHPK3PXP\n");
    await store.insert("evil.org/dora/password", "pw\n");
    await person("deny");
    await eventually("its own code", async () => {
      const own = await get(BANK, "bank.com/dora", ["otp"]);
      return /"code":"\d{6}"/.test(JSON.stringify(own.result));
    });
    await plant("bank.com/dora/totp", "evil.org/dora/totp");
    await eventually("the code is part of it", async () => {
      const reply = await get(EVIL, "evil.org/dora", ["otp"]);
      assert.doesNotMatch(JSON.stringify(reply), /"code":"\d/);
      return codeOf(reply) === "denied";
    });
    assert.deepEqual(asked().at(-1), { by: "filled", sites: ["bank.com"] });
  });

  it("between the fill of a login and its update: nothing is written that would hide where it came from", async () => {
    await person("deny");
    await get(BANK, "bank.com/alice");
    using client = await greetedClient(broker.socket);
    const handle = await known(client, EVIL, "evil.org/bob");
    const filled = await client.ask({ id: 3, type: "get", handle, origin: EVIL, fields: ["password"] });
    assert.deepEqual(filled.result, { password: "theirs" });
    await plant("bank.com/alice", "evil.org/bob");
    const bytes = await readFile(file("evil.org/bob"));
    const reply = await client.ask({ id: 4, type: "save", origin: EVIL, update: handle, password: "new" });
    assert.equal(codeOf(reply), "denied", JSON.stringify(reply));
    assert.ok(broker.questions.every(({ kind }) => kind === "fill"));
    assert.deepEqual(await readFile(file("evil.org/bob")), bytes);
  });

  it("behind a reference: asked about where it points", async () => {
    await person("deny");
    await get(BANK, "bank.com/alice");
    await store.insert("evil.org/erik", "gopass://evil.org/alice\n");
    await plant("bank.com/alice", "evil.org/alice");
    using client = await greetedClient(broker.socket);
    await known(client, EVIL, "evil.org/alice");
    await assertRefused(await get(EVIL, "evil.org/erik"));
    assert.deepEqual(asked().at(-1), { by: "filled", sites: ["bank.com"] });
  });

  it("without an answer: nothing", async () => {
    await person("deny");
    await get(BANK, "bank.com/alice");
    await plant("bank.com/alice", "evil.org/alice");
    await broker.person(async (question) => {
      if (question.kind !== "fill" || question.elsewhere === undefined) return "once";
      return "timeout";
    });
    const reply = await get(EVIL, "evil.org/alice");
    assert.equal(codeOf(reply), "timeout");
  });

  it("that a person confirms is that site's as well from then on, and still no other's", async () => {
    await person("session");
    await get(BANK, "bank.com/alice");
    await plant("bank.com/alice", "evil.org/alice");
    assert.deepEqual((await get(EVIL, "evil.org/alice")).result, { username: "alice", password: MARKER });
    const logged = (await broker.log()).at(-1);
    assert.match(String(logged?.reason), /^allowed for 15 minutes, confirmed though of bank\.com$/);
    await get(EVIL, "evil.org/alice");
    await get(BANK, "bank.com/alice");
    assert.deepEqual(asked(), []);
    await person("deny");
    await plant("bank.com/alice", "third.net/alice");
    await assertRefused(await get("https://third.net", "third.net/alice"));
    assert.deepEqual(asked().at(-1), { by: "filled", sites: ["bank.com", "evil.org"] });
  });

  it("where what was filled can not be kept: nothing is released", async () => {
    await mkdir(join(broker.state, "filled.json.tmp/in-the-way"), { recursive: true });
    const reply = await get(BANK, "bank.com/alice");
    assert.equal(codeOf(reply), "internal", JSON.stringify(reply));
    assert.equal(JSON.stringify(reply).includes(MARKER), false);
  });

  it("keeps no secret and no name of an entry in its file", async () => {
    await get(BANK, "bank.com/alice");
    const text = await readFile(join(broker.state, "filled.json"), "utf8");
    assert.match(text, /^\{"[A-Za-z0-9+/]{43}=":\["bank\.com"\]\}$/);
  });
});
