import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import type { Decision } from "#broker/audit.ts";
import { type GateEnd, serveConnection } from "#broker/connection.ts";
import { policyOf } from "#broker/policy.ts";
import { PosternError } from "#protocol/error.ts";
import { askOver } from "#wire/ask.ts";

const LIMITS = { maxIncoming: 65_536, maxOutgoing: 65_536 };

describe("a connection", () => {
  it("answers no look-up whose gate was locked while it was logged, and logs that", async () => {
    const logged: Decision[] = [];
    const { promise: isWritten, resolve: write } = Promise.withResolvers<void>();
    const { promise: isWriting, resolve: begin } = Promise.withResolvers<void>();
    const nobody = (): never => {
      throw new Error("not asked for");
    };
    const gate: GateEnd = {
      gate: "test",
      connection: 1,
      state: () => "ready",
      lock: nobody,
      policy: () => policyOf("test", {}, false, () => false),
      limits: {
        countFind: async () => undefined,
        countGet: nobody,
        countPick: nobody,
        approve: nobody,
        askAgain: nobody,
      },
      audit: {
        record: async (decision) => {
          logged.push(decision);
          begin();
          await isWritten;
        },
      },
      candidates: async () => [],
      release: nobody,
      pick: nobody,
      save: nobody,
      now: () => 0,
    };
    const [own, peer] = duplexPair();
    const answering = serveConnection(own, gate);
    const { ask } = askOver(peer, LIMITS);
    await ask({ type: "hello", versions: [1], client: { name: "test", version: "1" } });
    const finding = ask({ type: "find", origin: "https://example.com", use: "form" });
    finding.catch(() => undefined);
    await isWriting;
    answering.refusePending(new PosternError("locked", "It was locked."));
    write();
    await assert.rejects(finding, { code: "locked" });
    assert.deepEqual(
      logged.map(({ decision, reason }) => `${decision}: ${reason}`),
      ["allowed: 0 entries", "refused: locked"],
    );
    answering.close();
  });
});
