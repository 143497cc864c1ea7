import assert from "node:assert/strict";
import { once } from "node:events";
import type { AskPerson } from "#consent/person.ts";
import { encodeFrame } from "#wire/frame.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { peakOf } from "#test/harness/memory.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const REQUESTS = 10_000;
const MAX_PENDING = 32;
const SECRET = "marker-of-attack-5";
const ORIGINS = ["https://example.com", "https://example.org"];
/** More than may wait for a person. */
const WISHES = [
  ["username"],
  ["password"],
  ["otp"],
  ["username", "password"],
  ["username", "otp"],
  ["password", "otp"],
];
const LIMIT = 90_000;

describe("attack 5: ten thousand requests at once", function () {
  this.timeout(240_000);
  let broker: TestBroker;
  beforeEach(async () => {
    broker = await startBroker({ entries: { "example.com": SECRET, "example.org": SECRET } });
  });
  afterEach("the broker serves on, and gave nothing away", async () => {
    await using _ended = broker;
    await eventually("no connection", async () => (await broker.control.status()).gates[0]?.connections === 0);
    using client = await greetedClient(broker.socket);
    assert.equal(client.isClosed(), false);
  });

  it("on one connection: every reply to its own id and of its own page, and busy for what does not wait", async () => {
    using client = await greetedClient(broker.socket);
    const replies = await flood(client, finds(REQUESTS));
    assert.ok(assertOwnReplies(replies) >= MAX_PENDING);
  });

  it("on ten connections together", async () => {
    const clients = await Promise.all(Array.from({ length: 10 }, () => greetedClient(broker.socket)));
    const all = await Promise.all(clients.map((client) => flood(client, finds(REQUESTS / 10))));
    for (const replies of all) assert.ok(assertOwnReplies(replies) >= MAX_PENDING);
    for (const client of clients) client[Symbol.dispose]();
  });

  it("for a secret, while a question is on the screen: one question is seen, and the gate locks", async () => {
    await broker.person(unanswered);
    using client = await greetedClient(broker.socket);
    const [origin = ""] = ORIGINS;
    const handle = await findFirst(client, 2, origin);
    client.send({ id: 3, type: "get", handle, origin, fields: ["password"] });
    await eventually("the question", () => broker.questions.length === 1);
    const replies = await flood(
      client,
      numbered(REQUESTS, (index) => ({ type: "get", handle, origin, fields: WISHES[index % WISHES.length] })),
    );
    for (const reply of replies.values()) {
      assert.ok(["busy", "rate_limited", "locked"].includes(String(codeOf(reply))), JSON.stringify(reply));
    }
    assert.equal(broker.questions.length, 1);
    assert.equal((await broker.control.status()).gates[0]?.state, "locked");
    assert.equal(JSON.stringify([...replies]).includes(SECRET), false);
  });

  it("of which no answer is read: the connection is cut, before memory fills with answers", async () => {
    using client = await greetedClient(broker.socket);
    client.socket.pause();
    const before = await peakOf(broker);
    let sent = 0;
    while (!client.isClosed() && sent < 100 * REQUESTS) {
      sent += 1_000;
      client.sendBytes(Buffer.concat(finds(1_000).map(frame)));
      await eventually("room for more", () => client.isClosed() || !client.socket.writableNeedDrain, LIMIT);
    }
    assert.ok(client.isClosed(), `${sent} requests were taken`);
    const grown = (await peakOf(broker)) - before;
    assert.ok(grown < 64 * 1024, `the broker grew by ${grown} KiB`);
  });
});

interface Find {
  id: number;
  origin: string;
}

/** Every other one for the other page. */
function finds(count: number): Find[] {
  return numbered(count, (index) => ({ type: "find", origin: ORIGINS[index % 2] ?? "", use: "form" }));
}

function numbered<T>(count: number, make: (index: number) => T): (T & { id: number })[] {
  return Array.from({ length: count }, (_, index) => ({ id: 100 + index, ...make(index) }));
}

function frame(message: object): Uint8Array {
  return encodeFrame(Buffer.from(JSON.stringify(message)), "LE");
}

/** Sends them all in one go. @returns the replies by their ids, one for each */
async function flood(client: RawClient, requests: { id: number }[]): Promise<Map<number, Record<string, unknown>>> {
  const ids = new Set(requests.map(({ id }) => id));
  client.sendBytes(Buffer.concat(requests.map(frame)));
  const received = await eventually(
    "every reply",
    () => {
      const found = client.received.filter(({ id }) => ids.has(Number(id)));
      return found.length >= requests.length && found;
    },
    LIMIT,
  );
  assert.equal(received.length, requests.length);
  const replies = new Map(received.map((reply) => [Number(reply.id), reply]));
  assert.deepEqual(new Set(replies.keys()), ids);
  return replies;
}

/** @returns how many were answered with entries */
function assertOwnReplies(replies: Map<number, Record<string, unknown>>): number {
  let answered = 0;
  for (const { id, origin } of finds(replies.size)) {
    const reply = replies.get(id) ?? {};
    if (codeOf(reply) === "busy") continue;
    answered += 1;
    assert.equal(reply.ok, true, JSON.stringify(reply));
    assert.ok(JSON.stringify(reply.result).includes(`"label":"${origin.replace("https://", "")}"`));
  }
  assert.ok(answered < replies.size);
  return answered;
}

const unanswered: AskPerson = async (_question, signal) => {
  await once(signal, "abort");
  throw signal.reason;
};
