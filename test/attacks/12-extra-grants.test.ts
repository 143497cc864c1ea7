import assert from "node:assert/strict";
import type { Answer } from "#protocol/generated/consent.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const ENTRY = { "example.com/alice": "marked-secret\notpauth://totp/a?secret=JBSWY3DPEHPK3PXP" };

describe("attack 12: one yes taken for several", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  /** The person answers when the test does, each question on its own. */
  let answers: ((answer: Answer["answer"]) => void)[];
  beforeEach(async () => {
    broker = await startBroker({ entries: ENTRY });
    answers = [];
    await broker.person(() => new Promise((resolve) => answers.push(resolve)));
    client = await greetedClient(broker.socket);
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  const get = (id: number, handle: string, ...fields: string[]) => ({
    id,
    type: "get",
    handle,
    origin: ORIGIN,
    fields,
  });
  const question = (count: number): Promise<boolean> => eventually(`question ${count}`, () => answers.length === count);
  /** Whether a reply to any of the ids holds something. */
  const released = (...ids: number[]): unknown[] =>
    client.received.filter(({ id, ok }) => ok === true && ids.some((one) => one === id));

  it("by asking several times while the prompt is open, on one handle, on several, for other fields", async () => {
    const [one, other] = [await findFirst(client, 2, ORIGIN), await findFirst(client, 3, ORIGIN)];
    client.send(get(10, one, "password"));
    await question(1);
    client.send(get(11, one, "password"));
    client.send(get(12, one, "otp"));
    client.send(get(13, other, "password"));
    answers[0]?.("once");
    assert.deepEqual((await client.next(({ id }) => id === 10)).result, { password: "marked-secret" });
    // The next one is asked about, as if there had been no yes; and the no is the end of them all.
    await question(2);
    answers[1]?.("deny");
    for (const id of [11, 12, 13]) assert.equal(codeOf(await client.next((reply) => reply.id === id)), "denied");
    assert.deepEqual(released(11, 12, 13), []);
    assert.equal(broker.questions.length, 2);
    assert.deepEqual(await broker.control.order({ type: "grants" }), { grants: [] });
  });

  it("by saying again what was allowed, on another connection, on a new handle, with a field more", async () => {
    const handle = await findFirst(client, 2, ORIGIN);
    client.send(get(10, handle, "password"));
    await question(1);
    answers[0]?.("once");
    await client.next(({ id }) => id === 10);

    using second = await greetedClient(broker.socket);
    assert.equal(codeOf(await second.ask(get(10, handle, "password"))), "unknown_handle");
    const another = await findFirst(client, 3, ORIGIN);
    client.send(get(11, another, "password"));
    await question(2);
    answers[1]?.("timeout");
    assert.equal(codeOf(await client.next(({ id }) => id === 11)), "timeout");
    client.send(get(12, handle, "password", "otp"));
    await question(3);
    answers[2]?.("deny");
    assert.equal(codeOf(await client.next(({ id }) => id === 12)), "denied");
    assert.deepEqual(released(11, 12), []);
  });

  it("right after a no, again and again: refused without a question", async () => {
    const handle = await findFirst(client, 2, ORIGIN);
    client.send(get(10, handle, "password"));
    await question(1);
    answers[0]?.("deny");
    await client.next(({ id }) => id === 10);
    const another = await findFirst(client, 3, ORIGIN);
    for (const [id, asked] of [
      [11, get(11, handle, "password")],
      [12, get(12, another, "password")],
      [13, get(13, another, "username", "otp")],
    ] as const) {
      assert.equal(codeOf(await client.ask(asked)), "denied", String(id));
    }
    assert.equal(broker.questions.length, 1);
    assert.deepEqual(released(10, 11, 12, 13), []);
  });

  it("by a yes that comes after the request was cancelled", async () => {
    const handle = await findFirst(client, 2, ORIGIN);
    client.send(get(10, handle, "password"));
    await question(1);
    await client.ask({ id: 11, type: "cancel", target: 10 });
    answers[0]?.("session");
    assert.equal(codeOf(await client.next(({ id }) => id === 10)), "cancelled");
    assert.deepEqual(await broker.control.order({ type: "grants" }), { grants: [] });
    client.send(get(12, handle, "password"));
    await question(2);
    answers[1]?.("deny");
    assert.equal(codeOf(await client.next(({ id }) => id === 12)), "denied");
  });
});
