import assert from "node:assert/strict";
import { once } from "node:events";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { findAll } from "#test/harness/many-finds.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const MINE = "https://www.mine.com";
/** The day's limit is the one that is reached, so that it does not matter how long all of it takes. */
const CONFIG = "[gates.test.limits]\ndomains-a-minute = 1000\ndomains-a-day = 20\n";
const REDIRECTS = Array.from({ length: 300 }, (_, at) => `https://site${at}.com`);

describe("attack 50: a page that redirects through 300 domains to use up what the browser may look up", function () {
  this.timeout(120_000);
  let store: PassStore;
  let broker: TestBroker;
  beforeEach(async () => {
    store = await makePassStore({ "mine.com/alice": "pw-mine", "other.org": "pw-other" });
    broker = await startBroker({ store, config: CONFIG });
  });
  afterEach(async () => {
    await broker[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it("does not reach the sites that the person uses: not now, and not after gate or broker were started anew", async () => {
    await useMine();
    await useUp();
    await useMine();
    await broker.control.order({ type: "closeGate", gate: "test" });
    await broker.control.order({ type: "openGate", gate: "test" });
    await useMine();
    // At any moment, without a word.
    broker.process.kill("SIGKILL");
    await once(broker.process, "exit");
    await broker[Symbol.asyncDispose]();
    broker = await startBroker({ store, config: CONFIG });
    await useMine();
  });

  it("is not undone by starting gate or broker anew", async () => {
    await broker.person(async () => "deny");
    await useUp();
    await broker.control.order({ type: "closeGate", gate: "test" });
    await broker.control.order({ type: "openGate", gate: "test" });
    assert.equal(await look("https://more.com"), "rate_limited");
    broker.process.kill("SIGKILL");
    await once(broker.process, "exit");
    await broker[Symbol.asyncDispose]();
    broker = await startBroker({ store, config: CONFIG });
    await broker.person(async () => "deny");
    assert.equal(await look("https://more.com"), "rate_limited");
  });

  it("is undone by the person who comes back to it, with an unlock and a yes", async () => {
    await broker.person(async () => "timeout");
    await useUp();
    await broker.person(async () => "once");
    assert.equal(await look("https://other.org"), "rate_limited");
    await broker.control.order({ type: "unlock", gate: "test" });
    assert.equal(await look("https://other.org"), "other.org");
  });

  it("costs the person one answer to look up another site", async () => {
    await broker.person(undefined);
    await useUp();
    await broker.person(async () => "once");
    assert.equal(await look("https://other.org"), "other.org");
    assert.deepEqual(
      broker.questions.map(({ kind }) => kind),
      ["limit"],
    );
  });

  async function useUp(): Promise<void> {
    using client = await greetedClient(broker.socket);
    const answers = [...(await findAll(client, REDIRECTS)).values()];
    assert.equal(answers.filter((answer) => answer === "rate_limited").length, REDIRECTS.length - 20);
  }

  async function useMine(): Promise<void> {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, MINE);
    await broker.person(async () => "once");
    const reply = await client.ask({ id: 3, type: "get", handle, origin: MINE, fields: ["password"] });
    assert.deepEqual(reply.result, { password: "pw-mine" });
    await broker.person(async () => "deny");
  }

  async function look(origin: string): Promise<string | undefined> {
    using client = await greetedClient(broker.socket);
    return (await findAll(client, [origin])).get(origin);
  }
});
