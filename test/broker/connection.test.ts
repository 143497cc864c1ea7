import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import type { Decision } from "#broker/audit.ts";
import { type GateEnd, serveConnection } from "#broker/connection.ts";
import { policyOf } from "#broker/policy.ts";
import { PosternError } from "#protocol/error.ts";
import type { AnsweringEnd } from "#wire/answer.ts";
import { type AskingEnd, askOver } from "#wire/ask.ts";
import { realWait } from "#wire/wait.ts";

const LIMITS = { maxIncoming: 65_536, maxOutgoing: 65_536 };
const MAX_PENDING = 32;
const FIND = { type: "find", origin: "https://example.com", use: "form" };

describe("a connection", () => {
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
      find: async (_origin, _signal, look) => await look(),
      countGet: nobody,
      countPick: nobody,
      approve: nobody,
      askAgain: nobody,
    },
    audit: { record: async () => undefined },
    candidates: async () => [],
    release: nobody,
    pick: nobody,
    save: nobody,
    now: () => 0,
    wait: realWait,
  };
  let answering: AnsweringEnd;
  afterEach(() => answering.close());

  async function connect(changes: Partial<GateEnd>): Promise<AskingEnd["ask"]> {
    const [own, peer] = duplexPair();
    answering = serveConnection(own, { ...gate, ...changes });
    const { ask } = askOver(peer, LIMITS);
    await ask({ type: "hello", versions: [1], client: { name: "test", version: "1" } });
    return ask;
  }

  it("answers no look-up whose gate was locked while it was logged, and logs that", async () => {
    const logged: Decision[] = [];
    const { promise: isWritten, resolve: write } = Promise.withResolvers<void>();
    const { promise: isWriting, resolve: begin } = Promise.withResolvers<void>();
    const record: GateEnd["audit"]["record"] = async (decision) => {
      logged.push(decision);
      begin();
      await isWritten;
    };
    const ask = await connect({ audit: { record } });
    const finding = ask(FIND);
    finding.catch(() => undefined);
    await isWriting;
    answering.refusePending(new PosternError("locked", "It was locked."));
    write();
    await assert.rejects(finding, { code: "locked" });
    assert.deepEqual(
      logged.map(({ decision, reason }) => `${decision}: ${reason}`),
      ["allowed: 0 entries", "refused: locked"],
    );
  });

  it("hears what ends others, however many wait", async () => {
    const { promise: found, resolve: find } = Promise.withResolvers<[]>();
    let isLocked = false;
    const ask = await connect({ candidates: () => found, lock: () => (isLocked = true) });
    const ids: number[] = [];
    const finding = Array.from({ length: MAX_PENDING }, () => ask(FIND, { onSent: (id) => void ids.push(id) }));
    const [first, ...others] = finding;
    const isCancelled = assert.rejects(first ?? Promise.resolve(), { code: "cancelled" });
    await assert.rejects(ask(FIND), { code: "busy" });
    await ask({ type: "cancel", target: ids[0] });
    await ask({ type: "lock" });
    assert.ok(isLocked);
    find([]);
    await isCancelled;
    assert.equal((await Promise.all(others)).length, MAX_PENDING - 1);
  });
});
