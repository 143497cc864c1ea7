import assert from "node:assert/strict";
import { encodeFrame } from "#wire/frame.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { HELLO, codeOf, greetedClient, rawClient } from "#test/harness/raw-client.ts";

describe("attack 2: frames that never end", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ movesClock: true });
  });
  after(() => broker[Symbol.asyncDispose]());

  afterEach("nothing of the connection is left and the broker serves on", async () => {
    await eventually("no connection", async () => (await broker.control.status()).gates[0]?.connections === 0);
    using client = await greetedClient(broker.socket);
    assert.equal(client.isClosed(), false);
  });

  it("one byte a second: closed when the frame's time is over, not the byte's", async () => {
    using client = await rawClient(broker.socket);
    const frame = encodeFrame(Buffer.from(JSON.stringify(HELLO)), "LE");
    let sent = 0;
    while (!client.isClosed() && sent < 20) {
      client.sendBytes(frame.subarray(sent, sent + 1));
      sent += 1;
      // Time for it to come in, and then for the second that passes.
      await broker.control.status();
      broker.pass(1_000);
      await broker.control.status();
    }
    assert.ok(sent < 20, "the connection stayed open for 20 s");
    assert.equal(codeOf(await client.next((message) => message.id === 0)), "bad_frame");
  });

  it("half-closed in mid-frame", async () => {
    using client = await rawClient(broker.socket);
    client.socket.end(encodeFrame(Buffer.from(JSON.stringify(HELLO)), "LE").subarray(0, 9));
    await client.closed();
    assert.deepEqual(client.received, []);
  });

  it("half-closed after a whole frame: answered first", async () => {
    using client = await rawClient(broker.socket);
    client.socket.end(encodeFrame(Buffer.from(JSON.stringify(HELLO)), "LE"));
    await client.closed();
    assert.equal(client.received[0]?.ok, true);
  });

  it("gone in mid-frame, a hundred times", async () => {
    for (let round = 0; round < 100; round++) {
      using client = await rawClient(broker.socket);
      client.sendBytes(Buffer.from([200, 0, 0, 0, 123]));
      client.socket.destroy();
      await client.closed();
    }
  });
});
