import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import type { Socket } from "node:net";
import { connectSocket } from "#wire/socket.ts";
import type { Answer } from "#protocol/generated/consent.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

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
      await eventually("the ten connections alone", async () => (await openFiles()) <= before + 10);
    } finally {
      for (const peer of peers) peer.destroy();
    }
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
});
