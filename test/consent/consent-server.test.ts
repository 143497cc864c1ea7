import assert from "node:assert/strict";
import { join } from "node:path";
import { serveSocket } from "#cli/session/listen.ts";
import { serveConsent } from "#consent/consent-server.ts";
import type { Notify } from "#protocol/generated/consent.ts";
import { askOver } from "#wire/ask.ts";
import { connectSocket } from "#wire/socket.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

describe("notices to the session process", () => {
  it("name a gate, and nothing that a terminal would obey when it shows the session's log", async () => {
    await using temporary = await temporaryDirectory();
    const path = join(temporary.path, "consent.sock");
    const told: string[] = [];
    const tell = ({ gate }: Notify): void => void told.push(gate);
    const never = (): never => assert.fail("nothing is asked for");
    await using _server = await serveSocket(path, (socket) =>
      serveConsent(socket, { ask: undefined, choose: never, tell, write: never }),
    );
    const vault = askOver(await connectSocket(path), { maxIncoming: 65_536, maxOutgoing: 65_536 });
    const notice = { type: "notify", reason: "gate_locked_flood" };
    await vault.ask({ ...notice, gate: "work" });
    await assert.rejects(vault.ask({ ...notice, gate: "\u001B[2J\npostern: hint: rm -r ~" }), { code: "bad_message" });
    assert.deepEqual(told, ["work"]);
    vault.close();
  });
});
