import { readdir } from "node:fs/promises";
import type { Socket } from "node:net";
import { connectSocket } from "#wire/socket.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";

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
});
