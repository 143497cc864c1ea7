import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";

describe("a configuration that changes under a running broker", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  let id = 1;
  beforeEach(async () => {
    broker = await startBroker({ entries: { "web/example.com/alice": "secret" } });
    await broker.person(async () => "session");
    client = await greetedClient(broker.socket);
    await get();
    assert.equal(broker.questions.length, 1);
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  const configure = (text: string): Promise<void> => writeFile(join(broker.store.home, "config.toml"), text);
  const find = async (): Promise<string> =>
    JSON.stringify((await client.ask({ id: (id += 1), type: "find", origin: ORIGIN, use: "form" })).result);
  async function get(): Promise<void> {
    const handle = await findFirst(client, (id += 1), ORIGIN);
    const reply = await client.ask({ id: (id += 1), type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.deepEqual(reply.result, { password: "secret" });
  }

  it("is in force after SIGHUP, the browser looks again, and no grant is dropped", async () => {
    await configure('[gates.test]\nlabels = "full"\n');
    broker.process.kill("SIGHUP");
    await client.next(({ event }) => event === "storeChanged");
    assert.match(await find(), /"label":"web\/example\.com\/alice"/);
    await get();
    assert.equal(broker.questions.length, 1);
  });

  it("hides at once what was found before", async () => {
    const handle = await findFirst(client, (id += 1), ORIGIN);
    await configure('[gates.test]\nfolders = ["work"]\n');
    await broker.control.order({ type: "reload" });
    assert.match(await find(), /"entries":\[\]/);
    const reply = await client.ask({ id: (id += 1), type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.partialDeepStrictEqual(reply, { error: { code: "unknown_handle" } });
  });

  it("changes nothing where it has an error: the log and standard error name line and key", async () => {
    await configure('[gates.test]\nlabels = "none"\n');
    await broker.control.order({ type: "reload" });
    await configure('[gates.test]\nlabels = "full"\nttl = 90\n');
    const message = "config.toml, line 3: gates.test.ttl must be <= 60.";
    broker.process.kill("SIGHUP");
    await eventually("the message", () => broker.output().includes(message));
    await eventually("the line in the log", async () => (await broker.log()).some(({ reason }) => reason === message));
    await assert.rejects(broker.control.order({ type: "reload" }), { code: "bad_message", message });
    assert.match(await find(), /"label":"1"/);
    await get();
    assert.equal(broker.questions.length, 1);
  });
});
