import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const SITES = 8;
const SECRET = "marker-of-attack-13";
const originOf = (at: number): string => `https://site${at}.com`;

describe("attack 13: questions and questions, until somebody says yes to be left alone", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  let withdrawn: number;
  beforeEach(async () => {
    const names = Array.from({ length: SITES }, (_, at) => `site${at}.com`);
    broker = await startBroker({ entries: Object.fromEntries(names.map((name) => [name, SECRET])) });
    withdrawn = 0;
    // It stands until it is withdrawn.
    await broker.person((_question, signal) =>
      once(signal, "abort").then(() => {
        withdrawn += 1;
        throw signal.reason;
      }),
    );
    client = await greetedClient(broker.socket);
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  async function ask(peer: RawClient, at: number): Promise<number> {
    const origin = originOf(at);
    const handle = await findFirst(peer, 100 + at, origin);
    peer.send({ id: 200 + at, type: "get", handle, origin, fields: ["password"] });
    return 200 + at;
  }

  async function isFlooded(): Promise<void> {
    await eventually("the lock", async () => (await broker.control.status()).gates[0]?.state === "locked");
    await eventually("the notification", () => broker.notices.length > 0);
    assert.deepEqual(broker.notices, [{ gate: "test", reason: "gate_locked_flood" }]);
    assert.ok((await broker.log()).some(({ type, gate }) => type === "flood" && gate === "test"));
    assert.equal(JSON.stringify(client.received).includes(SECRET), false);
  }

  it("more than five at a time lock the gate, and take the prompt away", async () => {
    const ids: number[] = [];
    for (let at = 0; at < 6; at++) ids.push(await ask(client, at));
    for (const id of ids) assert.equal(codeOf(await client.next((message) => message.id === id)), "locked");
    await isFlooded();
    await eventually("the prompt's end", () => withdrawn > 0);
    assert.deepEqual([broker.questions.length, withdrawn], [1, 1]);
  });

  it("three that are refused within a minute lock it", async () => {
    await broker.person(async () => "deny");
    for (const [at, code] of ["denied", "denied", "locked"].entries()) {
      const id = await ask(client, at);
      assert.equal(codeOf(await client.next((message) => message.id === id)), code);
    }
    await isFlooded();
  });

  it("three that are asked and taken back, over and over, lock it", async () => {
    for (let at = 0; at < 3; at++) {
      const id = await ask(client, at);
      await eventually("the question", () => broker.questions.length > at);
      client.send({ id: 300 + at, type: "cancel", target: id });
      await client.next((message) => message.id === id);
    }
    await isFlooded();
  });

  it("three connections that ask and go lock it", async () => {
    for (let at = 0; at < 3; at++) {
      using peer = await greetedClient(broker.socket);
      await ask(peer, at);
      await eventually("the question", () => broker.questions.length > at);
    }
    await isFlooded();
  });

  it("another gate is not locked, and its own question comes", async () => {
    const gates = dirname(dirname(broker.socket));
    await mkdir(join(gates, "other"), { mode: 0o700 });
    await broker.control.order({ type: "openGate", gate: "other" });
    using other = await greetedClient(join(gates, "other/bridge.sock"));
    for (let at = 0; at < 6; at++) await ask(client, at);
    await isFlooded();
    await broker.person(async () => "once");
    const id = await ask(other, 7);
    assert.partialDeepStrictEqual(await other.next((message) => message.id === id), { result: { password: SECRET } });
  });

  it("after the unlocking one may ask again", async () => {
    for (let at = 0; at < 6; at++) await ask(client, at);
    await isFlooded();
    await broker.control.order({ type: "unlock", gate: "test" });
    await broker.person(async () => "once");
    using peer = await greetedClient(broker.socket);
    const id = await ask(peer, 0);
    assert.partialDeepStrictEqual(await peer.next((message) => message.id === id), { result: { password: SECRET } });
  });
});
