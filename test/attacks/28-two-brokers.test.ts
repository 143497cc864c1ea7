import assert from "node:assert/strict";
import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { serveSocket } from "#cli/session/listen.ts";
import { startBroker } from "#test/harness/broker.ts";
import { greetedClient } from "#test/harness/raw-client.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { connectSocket } from "#wire/socket.ts";

describe("attack 28: a second broker", function () {
  this.timeout(60_000);

  it("says that there is another one at the gate, and leaves it alone", async () => {
    await using first = await startBroker({ entries: { "example.com": "secret" } });
    await using second = await startBroker();
    await symlink(join(first.store.home, "gates/test"), join(second.store.home, "gates/same"));
    await assert.rejects(second.control.order({ type: "openGate", gate: "same" }), {
      code: "internal",
      message: "Another broker serves this gate.",
      hint: /postern down/,
    });
    using client = await greetedClient(first.socket);
    const { result } = await client.ask({ id: 2, type: "find", origin: "https://example.com", use: "form" });
    assert.match(JSON.stringify(result), /"label":"example.com"/);
  });

  it("session process: the second does not take the first one's socket", async () => {
    await using directory = await temporaryDirectory();
    const path = join(directory.path, "session.sock");
    await using _first = await serveSocket(path, (socket) => socket.end("first"));
    await assert.rejects(
      serveSocket(path, (socket) => socket.end("second")),
      { code: "busy" },
    );
    assert.equal(String(await (await connectSocket(path)).toArray()), "first");
  });
});
