import assert from "node:assert/strict";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";

describe("attack 52: a grant that outlives its sandbox", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  beforeEach(async () => {
    broker = await startBroker({ entries: { "example.com": "secret" } });
    await broker.person(async () => "session");
    await get();
    assert.equal(broker.questions.length, 1);
    // Another connection of the same sandbox: the yes for 15 minutes holds.
    await get();
    assert.equal(broker.questions.length, 1);
  });
  afterEach(() => broker[Symbol.asyncDispose]());

  it("when the sandbox has ended, and another begins at the same gate: asked again", async () => {
    await broker.control.order({ type: "closeGate", gate: "test" });
    await broker.control.order({ type: "openGate", gate: "test" });
    await get();
    assert.equal(broker.questions.length, 2);
  });

  it("when it was locked and unlocked: asked again", async () => {
    await broker.control.order({ type: "lock" });
    await broker.control.order({ type: "unlock" });
    await get();
    assert.equal(broker.questions.length, 2);
  });

  it("when whoever asks has gone and come back: asked again", async () => {
    await broker.person(undefined);
    await broker.person(async () => "session");
    await get();
    assert.equal(broker.questions.length, 2);
  });

  async function get(): Promise<void> {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.deepEqual(reply.result, { password: "secret" });
  }
});
