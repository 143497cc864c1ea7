import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFile, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, greetedClient } from "#test/harness/raw-client.ts";

const MINUTES = 300;
const A_MINUTE = 240;
const FOUND = "https://example.com";
const DENIED = "https://denied.org";
/** As long as names may be, so that each line takes as much room as it can. */
const LONG = ["a", "b", "c"].map((letter) => letter.repeat(60)).join(".");

describe(`attack 63: a log that is flooded with ever other requests for ${MINUTES} minutes`, function () {
  this.timeout(300_000);
  let broker: TestBroker;
  /** Every line of every file. */
  let lines: Record<string, unknown>[];
  /** Of the log, by the end of the first minute. */
  let bytes: number;
  before(async () => {
    broker = await startBroker({ entries: { "example.com/alice": "pw", "denied.org": "pw" }, movesClock: true });
    await broker.person(async ({ kind }) => (kind === "fill" ? "deny" : "timeout"));
    using client = await greetedClient(broker.socket);
    await findFirst(client, 2, FOUND);
    const handle = await findFirst(client, 3, DENIED);
    await client.ask({ id: 4, type: "get", handle, origin: DENIED, fields: ["password"] });
    for (let minute = 0; minute < MINUTES; minute++) {
      await flood(client, minute);
      if (minute === 0) bytes = (await stat(join(broker.state, "audit.jsonl"))).size;
      broker.pass(60_000);
    }
    const names = (await readdir(broker.state)).filter((name) => name.startsWith("audit"));
    const texts = await Promise.all(names.map((name) => readFile(join(broker.state, name), "utf8")));
    lines = texts
      .flatMap((text) => text.trimEnd().split("\n"))
      .map((line): Record<string, unknown> => JSON.parse(line));
  });
  after(() => broker[Symbol.asyncDispose]());

  it("still has what was found and what was asked in the first minute", () => {
    const ofType = (type: string, origin: string) =>
      lines.filter((line) => line.type === type && line.origin === origin);
    assert.partialDeepStrictEqual(ofType("find", FOUND), [{ decision: "allowed", reason: "1 entries" }]);
    assert.partialDeepStrictEqual(ofType("get", DENIED), [{ decision: "refused", reason: "denied" }]);
  });

  it("was long enough to push the rest of that minute out", () => {
    assert.ok(!lines.some(({ origin }) => String(origin).startsWith("https://m0.")));
    assert.ok(lines.some(({ origin }) => String(origin).startsWith(`https://m${MINUTES - 1}.`)));
  });

  it("has some bytes a minute for it, and counts what it does not name", () => {
    assert.ok(bytes < 36 * 1024, `${bytes} bytes`);
    const last = lines.filter(({ count }) => count !== undefined).slice(-10);
    assert.ok(last.some(({ type, count }) => type === "find" && Number(count) > 10));
  });

  async function flood(client: RawClient, minute: number): Promise<void> {
    const page = (at: number) => ({
      origin: `https://m${minute}.${LONG}.n${minute}x${at}.com`,
      topOrigin: `https://t.${LONG}.n${minute}x${at}.org`,
    });
    for (let first = 0; first < A_MINUTE; first += 30) {
      client.received.length = 0;
      for (let at = first; at < first + 30; at++) {
        const handle = randomBytes(16).toString("base64url");
        const request =
          at % 2 === 0
            ? { type: "find", use: "form" }
            : { type: "get", handle, fields: ["username", "password", "otp"] };
        client.send({ id: 1_000 + at, ...request, ...page(at) });
      }
      await eventually("the replies", () => client.received.filter(({ id }) => Number(id) >= 1_000).length === 30);
    }
  }
});
