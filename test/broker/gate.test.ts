import assert from "node:assert/strict";
import { mkdir, readdir } from "node:fs/promises";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import { connectSocket } from "#wire/socket.ts";
import type { Answer } from "#protocol/generated/consent.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";

describe("a gate", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  beforeEach(async () => {
    broker = await startBroker({ entries: { "example.com": "secret" } });
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  const openFiles = async (): Promise<number> => (await readdir(`/proc/${broker.process.pid}/fd`)).length;

  it("keeps nothing of the connections that are one too many", async () => {
    const before = await openFiles();
    const peers: Socket[] = [];
    try {
      // They neither read nor end.
      for (let index = 0; index < 200; index++) peers.push(await connectSocket(broker.socket));
      for (const peer of peers) peer.on("error", () => undefined);
      // All before it were accepted or refused by then.
      const last = peers.at(-1)?.setEncoding("utf8");
      const refusal = await eventually("the refusal of the last", (): unknown => last?.read() ?? false);
      assert.match(String(refusal), /"code":"busy"/);
      assert.equal((await broker.control.status()).gates[0]?.connections, 10);
      await eventually("the ten connections alone", async () => (await openFiles()) <= before + 10);
    } finally {
      for (const peer of peers) peer.destroy();
    }
  });

  it("that is closed while it is being opened is closed, and opened twice at once it is opened once", async () => {
    const { order } = broker.control;
    await mkdir(join(dirname(broker.socket), "../other"), { mode: 0o700 });
    const gates = async (): Promise<string> => JSON.stringify(await order({ type: "status" }));
    const open = { type: "openGate", gate: "other" } as const;
    await Promise.all([order(open), order(open)]);
    assert.match(await gates(), /"gate":"other"/);
    const close = { type: "closeGate", gate: "other" } as const;
    await Promise.all([order(close), order(open), order(close)]);
    assert.doesNotMatch(await gates(), /"gate":"other"/);
    await assert.rejects(connectSocket(join(dirname(broker.socket), "../other/bridge.sock")));
  });

  it("that is closed lets no later answer become a grant", async () => {
    const answer = Promise.withResolvers<Answer["answer"]>();
    await broker.person(() => answer.promise);
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    client.send({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    await eventually("the question", () => broker.questions.length === 1);
    // It does not end its side, whatever it is told.
    client.socket.removeAllListeners("end");
    await broker.control.order({ type: "closeGate", gate: "test" });
    answer.resolve("session");
    await eventually("the decision", async () => (await broker.log()).some(({ type }) => type === "get"));
    await broker.control.order({ type: "openGate", gate: "test" });
    assert.equal((await broker.control.status()).gates[0]?.grants, 0);
  });

  for (const by of ["another connection", "its own", "an order"]) {
    it(`that is locked by ${by} ends what waits, and lets no later answer become a grant`, async () => {
      const answer = Promise.withResolvers<Answer["answer"]>();
      await broker.person(() => answer.promise);
      using client = await greetedClient(broker.socket);
      using other = await greetedClient(broker.socket);
      const handle = await findFirst(client, 2, ORIGIN);
      client.send({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
      await eventually("the question", () => broker.questions.length === 1);
      if (by === "an order") await broker.control.order({ type: "lock" });
      else assert.equal((await (by === "its own" ? client : other).ask({ id: 4, type: "lock" })).ok, true);
      assert.equal(codeOf(await client.next(({ id }) => id === 3)), "locked");
      await broker.control.order({ type: "unlock" });
      answer.resolve("session");
      assert.equal((await client.ask({ id: 5, type: "find", origin: ORIGIN, use: "form" })).ok, true);
      assert.equal((await broker.control.status()).gates[0]?.grants, 0);
    });
  }

  it("that is opened while everything is locked is locked", async () => {
    await broker.control.order({ type: "lock" });
    await mkdir(join(dirname(dirname(broker.socket)), "later"), { mode: 0o700 });
    await broker.control.order({ type: "openGate", gate: "later" });
    const later = join(dirname(dirname(broker.socket)), "later", "bridge.sock");
    using client = await greetedClient(later);
    const request = { id: 2, type: "find", origin: ORIGIN, use: "form" };
    assert.equal(codeOf(await client.ask(request)), "locked");
    await broker.control.order({ type: "unlock" });
    assert.equal((await client.ask({ ...request, id: 3 })).ok, true);
  });

  it("that was locked is so when it is opened again", async () => {
    using first = await greetedClient(broker.socket);
    assert.equal((await first.ask({ id: 2, type: "lock" })).ok, true);
    await broker.control.order({ type: "closeGate", gate: "test" });
    await broker.control.order({ type: "openGate", gate: "test" });
    using second = await greetedClient(broker.socket);
    assert.equal(codeOf(await second.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" })), "locked");
  });
});
