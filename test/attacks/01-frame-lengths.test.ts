import assert from "node:assert/strict";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { peakAddressesOf, residentOf } from "#test/harness/memory.ts";
import { codeOf, greetedClient, rawClient } from "#test/harness/raw-client.ts";

const LONGEST = 2 ** 32 - 1;
const LENGTHS = {
  "length 0: refused": 0,
  "length 65 537: refused": 65_537,
  "length 2^32-1: refused before allocation": LONGEST,
};

/** Each batch with what 65 537 bytes would come to many times over. */
const [BATCHES, ROUNDS] = [5, 100];
const MOST_KIB = 2 * 1024;

describe("attack 1: frames of impossible length", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ entries: { "example.com": "pw" } });
  });
  after(() => broker[Symbol.asyncDispose]());

  for (const [name, length] of Object.entries(LENGTHS)) {
    it(`${name}, the connection closed, the broker serves on`, async () => {
      const addresses = await peakAddressesOf(broker);
      // A broker that keeps something of each grows with every batch; what it loads or compiles once, at some time, ends.
      const growths: number[] = [];
      while ((growths.at(-1) ?? MOST_KIB) >= MOST_KIB) {
        assert.ok(growths.length < BATCHES, `grew by ${growths.join(", ")} KiB`);
        const resident = await residentOf(broker);
        for (let round = 0; round < ROUNDS; round++) await announce(broker.socket, length);
        growths.push((await residentOf(broker)) - resident);
      }
      // What is allocated and never touched is not resident.
      const reserved = ((await peakAddressesOf(broker)) - addresses) * 1024;
      assert.ok(reserved < LONGEST / 4, `reserved ${reserved} bytes`);
      using client = await greetedClient(broker.socket);
      const reply = await client.ask({ id: 2, type: "find", origin: "https://example.com", use: "form" });
      assert.equal(reply.ok, true);
    });
  }
});

async function announce(path: string, length: number): Promise<void> {
  using client = await rawClient(path);
  const header = Buffer.alloc(4);
  header.writeUInt32LE(length);
  client.sendBytes(header);
  const reply = await client.next((message) => message.id === 0);
  assert.equal(codeOf(reply), "bad_frame");
  await client.closed();
}
