import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createHandles } from "#broker/handles.ts";
import { parseEntryName } from "#broker/entry-name.ts";
import { PosternError } from "#protocol/error.ts";
import { parseOrigin } from "#protocol/origin.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const ORIGIN = "https://example.com";
const SECRET = "marker-of-attack-11";

describe("attack 11: handles that were not given for this", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    const entries = { "example.com/alice": SECRET, "other.example.net": SECRET };
    broker = await startBroker({ entries, config: "[gates.test.limits]\ngets-a-minute = 2000\n" });
  });
  after(() => broker[Symbol.asyncDispose]());
  afterEach("nobody was asked and nothing was released", () => {
    assert.deepEqual(broker.questions, []);
  });

  it("a million made-up ones: none is known", () => {
    const handles = createHandles(() => 0);
    const page = { origin: parseOrigin(ORIGIN), topOrigin: undefined };
    const name = parseEntryName("example.com/alice");
    assert.ok(name);
    const entry = { name, site: { host: "example.com" }, label: "example.com/alice" };
    const real = handles.mint({ ...page, entry, match: "exact" });
    assert.equal(handles.resolve(real, page).entry, entry);
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    let unknown = 0;
    for (let round = 0; round < 1_000_000; round++) {
      try {
        handles.resolve(randomBytes(16).toString("base64url"), page);
      } catch (error) {
        if (error instanceof PosternError && error.code === "unknown_handle") unknown += 1;
      }
    }
    Error.stackTraceLimit = stackTraceLimit;
    assert.equal(unknown, 1_000_000);
  });

  it("a thousand made-up ones over the gate", async () => {
    using client = await greetedClient(broker.socket);
    for (let id = 10; id < 1_010; id++) {
      assert.equal(await get(client, id, randomBytes(16).toString("base64url"), ORIGIN), "unknown_handle");
    }
  });

  it("the eleventh within a minute is not looked at, wherever it came from", async () => {
    const gates = dirname(dirname(broker.socket));
    await mkdir(join(gates, "narrow"), { mode: 0o700 });
    await broker.control.order({ type: "openGate", gate: "narrow" });
    using first = await greetedClient(join(gates, "narrow/bridge.sock"));
    using second = await greetedClient(join(gates, "narrow/bridge.sock"));
    const handle = await findFirst(second, 2, ORIGIN);
    for (let id = 10; id < 20; id++) {
      assert.equal(await get(first, id, randomBytes(16).toString("base64url"), ORIGIN), "unknown_handle");
    }
    assert.equal(await get(first, 20, randomBytes(16).toString("base64url"), ORIGIN), "rate_limited");
    assert.equal(await get(second, 20, handle, ORIGIN), "rate_limited");
  });

  it("one of another connection", async () => {
    using owner = await greetedClient(broker.socket);
    using thief = await greetedClient(broker.socket);
    assert.equal(await get(thief, 3, await findFirst(owner, 2, ORIGIN), ORIGIN), "unknown_handle");
  });

  it("one of a connection that has ended", async () => {
    using owner = await greetedClient(broker.socket);
    const handle = await findFirst(owner, 2, ORIGIN);
    owner[Symbol.dispose]();
    await owner.closed();
    using client = await greetedClient(broker.socket);
    assert.equal(await get(client, 3, handle, ORIGIN), "unknown_handle");
  });

  it("one of another origin: origin_mismatch, and the log says so", async () => {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    for (const origin of [
      "https://www.example.com",
      "https://example.com:8443",
      "http://example.com",
      "https://evil.example",
    ]) {
      assert.equal(await get(client, 3, handle, origin), "origin_mismatch", origin);
      client.received.length = 0;
    }
    const log = await broker.log();
    assert.ok(log.some((line) => line.reason === "origin_mismatch" && line.origin === "https://evil.example"));
  });

  it("one that was found for the page, used from a frame of another site", async () => {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, ORIGIN);
    const reply = await client.ask({
      id: 3,
      type: "get",
      handle,
      origin: ORIGIN,
      topOrigin: "https://evil.example",
      fields: ["password"],
    });
    assert.equal(codeOf(reply), "origin_mismatch");
  });

  it("one that is ten minutes old", () => {
    let now = 0;
    const handles = createHandles(() => now);
    const page = { origin: parseOrigin(ORIGIN), topOrigin: undefined };
    const name = parseEntryName("example.com");
    assert.ok(name);
    const handle = handles.mint({ ...page, entry: { name, site: { host: "example.com" }, label: "" }, match: "exact" });
    now = 10 * 60_000;
    assert.ok(handles.resolve(handle, page));
    now += 1;
    assert.throws(() => handles.resolve(handle, page), { code: "unknown_handle" });
  });
});

async function get(client: RawClient, id: number, handle: string, origin: string): Promise<unknown> {
  const reply = await client.ask({ id, type: "get", handle, origin, fields: ["password"] });
  assert.equal(JSON.stringify(reply).includes(SECRET), false);
  return codeOf(reply);
}
