import assert from "node:assert/strict";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

/** Less than gpg may write, and more than fits a reply once JSON has escaped each of them. */
const QUOTES = '"'.repeat(700_000);

describe("attack 6: a reply that would pass 1 MiB", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({ entries: { "example.com": QUOTES, "example.org": "short" } });
  });
  after(() => broker[Symbol.asyncDispose]());

  it("is an error with the request's id, never a cut frame; and the connection goes on", async () => {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, "https://example.com");
    const reply = await client.ask({ id: 3, type: "get", handle, origin: "https://example.com", fields: ["password"] });
    assert.equal(codeOf(reply), "internal", JSON.stringify(reply).slice(0, 200));
    assert.match(JSON.stringify(reply), /too long to send/);
    assert.equal(JSON.stringify(reply).includes('\\"\\"'), false);

    const other = await findFirst(client, 4, "https://example.org");
    const origin = "https://example.org";
    const { result } = await client.ask({ id: 5, type: "get", handle: other, origin, fields: ["password"] });
    assert.deepEqual(result, { password: "short" });
    assert.equal(client.isClosed(), false);
  });
});
