import assert from "node:assert/strict";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { findAll } from "#test/harness/many-finds.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

const SECRET = "marker-of-attack-18";
const PAGES = [
  "http://example.com",
  "http://www.example.com",
  "http://example.com:443",
  "http://example.com:8443",
  "http://alias.example.net",
  "http://192.0.2.1",
  // Not this machine, whatever it looks like.
  "http://localhost.example.com",
  "http://127.0.0.1.example.com",
];

describe("attack 18: a page over http asks for what belongs to https", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({
      entries: {
        "example.com/alice": SECRET,
        "example.com:8443": SECRET,
        "192.0.2.1": SECRET,
        "localhost.example.com": SECRET,
        "printer.example.org": "pw-printer",
      },
      config: `
[aliases]
"alias.example.net" = ["example.com"]
[gates.test]
http = ["printer.example.org"]
`,
    });
  });
  after(() => broker[Symbol.asyncDispose]());
  afterEach("nobody was asked", () => assert.deepEqual(broker.questions, []));

  it("and finds nothing", async () => {
    using client = await greetedClient(broker.socket);
    const answers = await findAll(client, PAGES);
    assert.deepEqual(
      [...answers.values()],
      PAGES.map(() => ""),
    );
  });

  it("and gets nothing with a handle that the https page was given", async () => {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, "https://example.com");
    const get = { id: 3, type: "get", handle, origin: "http://example.com", fields: ["password"] };
    const reply = await client.ask(get);
    assert.equal(codeOf(reply), "origin_mismatch");
    assert.equal(JSON.stringify(reply).includes(SECRET), false);
  });

  it("and is not let in by another host that the policy lists for http", async () => {
    using client = await greetedClient(broker.socket);
    const answers = await findAll(client, ["http://printer.example.org", "http://example.org", "http://example.com"]);
    assert.deepEqual([...answers.values()], ["printer.example.org", "", ""]);
  });
});
