import assert from "node:assert/strict";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const CANARY = "bank/old.example.com";
const ORIGIN = "https://old.example.com";
const OTHER = "https://example.org";
const SECRET = "marker-of-attack-14";

describe("attack 14: whoever takes all that it finds takes an entry that nobody uses", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  beforeEach(async () => {
    broker = await startBroker({
      entries: { [CANARY]: SECRET, "old.example.com/real": "pw", "example.org": `gopass://${CANARY}`, "b.org": "pw" },
      config: `canaries = ["${CANARY}"]\n[aliases]\n"example.org" = ["old.example.com"]\n`,
    });
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  const secretsIn = (replies: unknown): boolean => JSON.stringify(replies).includes(SECRET);

  async function isLockedAndTold(): Promise<void> {
    assert.equal((await broker.control.status()).gates[0]?.state, "locked");
    await eventually("the notification", () => broker.notices.length > 0);
    assert.deepEqual(broker.notices, [{ gate: "test", reason: "canary" }]);
    assert.ok(
      (await broker.log()).some(({ type, gate, entry }) => type === "canary" && gate === "test" && entry === CANARY),
    );
  }

  it("it is found like any other, and asking for it locks the gate, without a question", async () => {
    using client = await greetedClient(broker.socket);
    const reply = await client.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" });
    assert.match(JSON.stringify(reply), /"label":"old\.example\.com","match":"exact"/);
    const handle = await findFirst(client, 3, ORIGIN);
    const get = await client.ask({ id: 4, type: "get", handle, origin: ORIGIN, fields: ["custom:no-such"] });
    assert.equal(codeOf(get), "locked");
    await client.next(({ event, state }) => event === "state" && state === "locked");
    assert.equal(codeOf(await client.ask({ id: 5, type: "find", origin: OTHER, use: "form" })), "locked");
    assert.equal(secretsIn(client.received), false);
    assert.deepEqual(broker.questions, []);
    await isLockedAndTold();
  });

  it("what was asked for before, and waits, is not released any more", async () => {
    const answer = Promise.withResolvers<"once">();
    await broker.person(() => answer.promise);
    using client = await greetedClient(broker.socket);
    const origin = "https://b.org";
    const other = await findFirst(client, 2, origin);
    client.send({ id: 3, type: "get", handle: other, origin, fields: ["password"] });
    await eventually("the question", () => broker.questions.length === 1);
    const handle = await findFirst(client, 4, ORIGIN);
    await client.ask({ id: 5, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    answer.resolve("once");
    assert.equal(codeOf(await client.next(({ id }) => id === 3)), "locked");
    await isLockedAndTold();
  });

  it("an entry that points at it leads no further", async () => {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, OTHER);
    const get = await client.ask({ id: 3, type: "get", handle, origin: OTHER, fields: ["password"] });
    assert.equal(codeOf(get), "locked");
    assert.equal(secretsIn(client.received), false);
    assert.equal(broker.questions.length, 1);
    await isLockedAndTold();
  });
});
