import assert from "node:assert/strict";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { HELLO, codeOf, greetedClient, rawClient } from "#test/harness/raw-client.ts";

describe("attack 7: wrong or no hello", function () {
  this.timeout(30_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ entries: { "example.com": "pw" } });
  });
  after(() => broker[Symbol.asyncDispose]());

  const FIRST = {
    find: { id: 3, type: "find", origin: "https://example.com", use: "form" },
    get: { id: 3, type: "get", handle: "A".repeat(22), origin: "https://example.com", fields: ["password"] },
    lock: { id: 3, type: "lock" },
    cancel: { id: 3, type: "cancel", target: 1 },
    "something unknown": { id: 3, type: "helo" },
  };
  for (const [name, message] of Object.entries(FIRST)) {
    it(`${name} first: bad_message, then closed`, async () => {
      using client = await rawClient(broker.socket);
      client.send(message);
      client.send(HELLO);
      assert.equal(codeOf(await client.next(() => true)), "bad_message");
      await client.closed();
      // Nor is the hello behind it.
      assert.deepEqual(
        client.received.map(codeOf),
        client.received.map(() => "bad_message"),
      );
      assert.equal((await broker.control.status()).gates[0]?.state, "ready");
    });
  }

  it("find right behind a hello that is refused: not answered", async () => {
    using client = await rawClient(broker.socket);
    client.send({ ...HELLO, versions: [2, 3] });
    client.send(FIRST.find);
    const reply = await client.next((message) => message.id === HELLO.id);
    assert.equal(codeOf(reply), "unsupported_version");
    assert.match(JSON.stringify(reply), /2, 3/);
    assert.match(JSON.stringify(reply), /version 1/);
    await client.closed();
    assert.equal(
      client.received.some((message) => message.ok === true),
      false,
    );
  });

  it("hello twice: bad_message, and the connection stays", async () => {
    using client = await greetedClient(broker.socket);
    assert.equal(codeOf(await client.ask({ ...HELLO, id: 2 })), "bad_message");
    assert.equal((await client.ask(FIRST.find)).ok, true);
  });

  it("the version that both have is chosen, and the gate is named by the broker alone", async () => {
    using client = await rawClient(broker.socket);
    const reply = await client.ask({ ...HELLO, versions: [7, 1, 3] });
    assert.partialDeepStrictEqual(reply.result, {
      version: 1,
      server: { name: "postern-broker", version: "0.1.0" },
      gate: "test",
      caller: "gate",
      state: "ready",
    });
  });
});
