import assert from "node:assert/strict";
import { getEventListeners, once } from "node:events";
import { createServer } from "node:net";
import { join } from "node:path";
import { eventually } from "#test/harness/eventually.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { connectSocket } from "#wire/socket.ts";

describe("a connection to a socket", () => {
  let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
  let stop: AbortController;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    stop = new AbortController();
  });
  afterEach(() => directory[Symbol.asyncDispose]());

  const path = (): string => join(directory.path, "socket");
  const listeners = (): number => getEventListeners(stop.signal, "abort").length;
  async function listen(): Promise<AsyncDisposable> {
    const server = createServer((socket) => socket.resume().on("error", () => undefined)).listen(path());
    await once(server, "listening");
    return server;
  }

  it("that is tried again and again leaves nothing at the signal that would end it", async () => {
    for (let count = 0; count < 100; count++) await assert.rejects(connectSocket(path(), stop.signal));
    await eventually("no listener", () => listeners() === 0);
  });

  it("that has ended leaves nothing there either", async () => {
    await using _server = await listen();
    const socket = await connectSocket(path(), stop.signal);
    assert.equal(listeners(), 1);
    socket.destroy();
    await eventually("no listener", () => listeners() === 0);
  });

  it("ends with the signal, before and after it is made", async () => {
    await using _server = await listen();
    const socket = await connectSocket(path(), stop.signal);
    socket.on("error", () => undefined);
    const connecting = connectSocket(path(), stop.signal);
    stop.abort(new Error("over"));
    assert.ok(socket.destroyed);
    await assert.rejects(connecting, /over/);
    await assert.rejects(connectSocket(path(), stop.signal), /over/);
  });
});
