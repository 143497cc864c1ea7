import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { codeOf, greetedClient, rawClient } from "#test/harness/raw-client.ts";

const MEGABYTE = 1024 * 1024;
const LENGTHS = { "length 0": 0, "length 65 537": 65_537, "length 2^32-1": 2 ** 32 - 1 };

describe("attack 1: frames of impossible length", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ entries: { "example.com": "pw" } });
  });
  after(() => broker[Symbol.asyncDispose]());

  for (const [name, length] of Object.entries(LENGTHS)) {
    it(`${name}: refused before allocation, the connection closed, the broker serves on`, async () => {
      // The first round pays for what is loaded lazily.
      await announce(broker.socket, length);
      const before = await residentBytes(broker.process.pid);
      for (let round = 0; round < 20; round++) await announce(broker.socket, length);
      const grown = (await residentBytes(broker.process.pid)) - before;
      assert.ok(grown < 2 * MEGABYTE, `grew by ${grown} bytes`);
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

async function residentBytes(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
