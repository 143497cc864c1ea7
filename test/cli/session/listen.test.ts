import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { join } from "node:path";
import { serveSocket } from "#cli/session/listen.ts";
import { connectSocket } from "#wire/socket.ts";
import { eventually } from "#test/harness/eventually.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("a socket of the session process", () => {
  it("takes 64 connections and no more", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "consent.sock");
    let served = 0;
    await using _server = await serveSocket(path, (socket) => {
      served += 1;
      socket.on("end", () => socket.end()).resume();
    });
    const peers: Socket[] = [];
    try {
      for (let index = 0; index < 300; index++) {
        const peer = await connectSocket(path);
        peers.push(peer);
        peer
          .on("error", () => peer.destroy())
          .on("end", () => peer.end())
          .resume();
      }
      await eventually("all but those are closed", () => peers.filter((peer) => !peer.destroyed).length <= 64);
      assert.equal(served, 64);
      // One that goes makes room for another.
      peers.find((peer) => !peer.destroyed)?.destroy();
      await eventually("another one", async () => {
        peers.push(await connectSocket(path));
        return served === 65;
      });
    } finally {
      for (const peer of peers) peer.destroy();
    }
  });
});
