import assert from "node:assert/strict";
import { once } from "node:events";
import type { AskPerson } from "#consent/person.ts";
import { PosternError } from "#protocol/error.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const SECRET = "marker-of-attack-15";

/** Never answers; goes only when it is told to. */
const hung: AskPerson = async (_question, signal) => {
  await once(signal, "abort");
  throw signal.reason;
};

describe("attack 15: nobody there to say yes", function () {
  this.timeout(120_000);
  let broker: TestBroker;
  let client: RawClient;
  beforeEach(async () => {
    broker = await startBroker({ entries: { "example.com": SECRET }, movesClock: true });
    client = await greetedClient(broker.socket);
  });
  afterEach(async () => {
    assert.equal(JSON.stringify(client.received).includes(SECRET), false);
    assert.equal(
      (await broker.log()).some((line) => line.type === "get" && line.decision === "allowed"),
      false,
    );
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  it("absent: no_consent_agent, at once", async () => {
    await broker.person(undefined);
    // A prompt that nobody answers takes twice as long.
    assert.equal(await get(30_000), "no_consent_agent");
  });

  it("there, and nobody to ask behind it: no_consent_agent", async () => {
    await broker.person(async () => {
      throw new PosternError("no_consent_agent", "Nobody.");
    });
    assert.equal(await get(), "no_consent_agent");
  });

  it("hung: timeout", async () => {
    await broker.person(hung);
    const answer = get();
    await eventually("the prompt", () => broker.questions.length === 1);
    broker.pass(65_000);
    assert.equal(await answer, "timeout");
  });

  it("killed in mid-prompt: no_consent_agent, and the next one is asked again", async () => {
    await broker.person(hung);
    const answer = get();
    await eventually("the prompt", () => broker.questions.length === 1);
    await broker.person(undefined);
    assert.equal(await answer, "no_consent_agent");
    await broker.person(async () => "deny");
    assert.equal(await get(), "denied");
    assert.equal(broker.questions.length, 2);
  });

  it("an answer that is none of the list: an error, never yes", async () => {
    await broker.person(async () => JSON.parse('"yes"'));
    assert.equal(await get(), "bad_message");
  });

  let id = 10;
  async function get(patience = 80_000): Promise<unknown> {
    const handle = await findFirst(client, (id += 1), ORIGIN);
    client.send({ id: (id += 1), type: "get", handle, origin: ORIGIN, fields: ["username", "password"] });
    const reply = await eventually("the reply", () => client.received.find((message) => message.id === id), patience);
    return codeOf(reply);
  }
});
