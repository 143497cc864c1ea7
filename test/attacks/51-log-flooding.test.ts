import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { openAudit } from "#broker/audit.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { findAll } from "#test/harness/many-finds.ts";
import { type RawClient, greetedClient } from "#test/harness/raw-client.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ORIGIN = "https://example.com";
const FLOOD = 9_000;

describe("attack 51: so many lines in the log that what happened before is rotated away", function () {
  this.timeout(180_000);

  describe("over a gate", () => {
    let broker: TestBroker;
    let client: RawClient;
    before(async () => {
      broker = await startBroker({ entries: { "example.com/alice": "pw" } });
      // A yes to going on is a yes to each line of what it then finds.
      await broker.person(async ({ kind }) => (kind === "limit" ? "timeout" : "once"));
      client = await greetedClient(broker.socket);
    });
    after(async () => {
      client[Symbol.dispose]();
      await broker[Symbol.asyncDispose]();
    });

    const size = async (): Promise<number> => (await stat(join(broker.state, "audit.jsonl"))).size;

    /** Thirty at a time, each an answer of its own. */
    async function flood(requests: Record<string, unknown>[]): Promise<void> {
      for (let first = 0; first < requests.length; first += 30) {
        client.received.length = 0;
        const some = requests.slice(first, first + 30);
        for (const [at, request] of some.entries()) client.send({ id: 1_000 + at, ...request });
        await eventually(
          "the replies",
          () => client.received.filter(({ id }) => id !== undefined).length === some.length,
        );
      }
    }

    it("what it did first stays, and thousands of requests are a few lines", async () => {
      await findAll(client, ["https://looked-up.com"]);
      const handle = await findFirst(client, 2, ORIGIN);
      await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
      const before = await size();

      const origins = Array.from({ length: FLOOD / 3 }, (_, at) => `https://a${at}.example.com`);
      const madeUp = (origin: string): Record<string, unknown> => ({
        type: "get",
        handle: randomBytes(16).toString("base64url"),
        origin,
        fields: ["password"],
      });
      await flood(origins.map((origin) => ({ type: "find", origin, use: "form" })));
      await flood(origins.map(madeUp));
      await client.ask({ id: 4, type: "lock" });
      await flood(origins.map((origin) => ({ type: "find", origin, use: "form" })));

      // As they would be without folding, there would be a hundred bytes of each at least.
      const grown = (await size()) - before;
      assert.ok(grown < FLOOD * 10, `${grown} bytes`);
      const log = await broker.log();
      assert.ok(log.some(({ type, origin }) => type === "find" && origin === "https://looked-up.com"));
      assert.ok(log.some(({ type, decision }) => type === "get" && decision === "allowed"));
    });
  });

  it("and where the log is rotated nevertheless, each fill, grant and lock is still there", async () => {
    await using temporary = await temporaryDirectory();
    const about = { gate: "work", connection: 1, origin: ORIGIN } as const;
    const evidence = [
      { ...about, type: "get", entry: "example.com", decision: "allowed", reason: "allowed for 15 minutes" },
      { ...about, type: "get", entry: "example.com", decision: "allowed", reason: "session grant" },
      { ...about, type: "canary", entry: "old", decision: "refused", reason: "locked after asking for a canary" },
    ] as const;
    {
      await using audit = await openAudit(temporary.path, { maxBytes: 10_000 });
      for (const each of evidence) await audit.record(each);
      for (let at = 0; at < 5_000; at++) {
        await audit.record({ ...about, type: "get", decision: "refused", reason: `flood ${at}` });
      }
    }
    const names = await readdir(temporary.path);
    const texts = await Promise.all(names.map((name) => readFile(join(temporary.path, name), "utf8")));
    for (const { reason } of evidence) {
      assert.equal(texts.filter((text) => text.includes(reason)).length, 1, reason);
    }
    assert.equal(
      texts.some((text) => text.includes('"flood 0"')),
      false,
      "it was not rotated at all",
    );
  });
});
