import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseEntryName } from "#broker/entry-name.ts";
import { isReleasable, isVisible, minutesOffered, policyOf } from "#broker/policy.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const isIgnored = (): boolean => false;

describe("the policy of a gate", () => {
  const policy = policyOf(
    "office",
    { gates: { office: { ttl: 5, folders: ["office"], custom: ["Pin"] } } },
    false,
    isIgnored,
  );
  const unknown = policyOf("other", {}, false, isIgnored);

  it("is the narrow one where nothing is said", () => {
    const limits = { domainsAMinute: 20, domainsADay: 300, getsAMinute: 10, picksAMinute: 3, connections: 10 };
    const rest = { ttl: 15, labels: "site", folders: undefined, isIgnored, custom: [], http: [] };
    assert.deepEqual(unknown, { caller: "gate", consent: "session", ...rest, limits });
  });

  it("asks nobody for the demo store alone", () => {
    assert.equal(
      policyOf("office", { gates: { office: { consent: "always" } } }, true, isIgnored).consent,
      "unattended",
    );
  });

  it("lets a yes last as long as it says, and for no code", () => {
    assert.equal(minutesOffered(policy, ["password", "otp"]), 5);
    assert.equal(minutesOffered(unknown, ["custom:pin"]), 15);
    assert.equal(minutesOffered(policy, ["otp"]), 0);
    assert.equal(minutesOffered({ ...policy, consent: "always" }, ["password"]), 0);
  });

  it("sees the folders it says and nothing that begins like them", () => {
    const seen = (text: string): boolean => {
      const name = parseEntryName(text);
      assert(name);
      return isVisible(policy, name);
    };
    assert.deepEqual(["office/example.com", "office/a/b", "office", "officeshop/example.com", "a/office/b"].map(seen), [
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it("releases the custom fields it lists, in any letters", () => {
    const releases = ["username", "password", "otp", "custom:pin", "custom:PIN", "custom:pin2", "note"];
    assert.deepEqual(
      releases.filter((field) => isReleasable(policy, field)),
      ["username", "password", "otp", "custom:pin", "custom:PIN"],
    );
    assert.equal(isReleasable(unknown, "custom:pin"), false);
  });
});

const CONFIG = `
[aliases]
"shop.example.co.uk" = ["example.com"]

[gates.test]
ttl = 3
labels = "full"
folders = ["office"]
custom = ["pin", "Customer number", "backup"]
http = ["printer.example.net"]
`;
const URI = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQ";

describe("a gate with a policy of its own", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  let id = 10;
  before(async () => {
    broker = await startBroker({
      entries: {
        "office/example.com/alice": `pin: first line\npin: 1234\ncustomer number: A: 7\nbackup: ${URI}\nnote: hidden\n`,
        "private/example.com/bob": "hidden\n",
        "office/printer.example.net": "pw-printer\n",
        "office/example.org": "pw-org\n",
      },
      config: CONFIG,
      movesClock: true,
    });
  });
  after(() => broker[Symbol.asyncDispose]());
  beforeEach(async () => {
    client = await greetedClient(broker.socket);
  });
  afterEach(() => client[Symbol.dispose]());

  const find = async (origin: string): Promise<unknown> => {
    const { result } = await client.ask({ id: (id += 1), type: "find", origin, use: "form" });
    return JSON.parse(JSON.stringify(result).replaceAll(/"handle":"[\w-]{22}",/g, ""));
  };
  const get = async (origin: string, fields: string[]): Promise<Record<string, unknown>> => {
    const handle = await findFirst(client, (id += 1), origin);
    return await client.ask({ id: (id += 1), type: "get", handle, origin, fields });
  };

  it("finds and counts what its folders hold and nothing else, under the whole name", async () => {
    assert.deepEqual(await find("https://example.com"), {
      entries: [{ label: "office/example.com/alice", username: "alice", match: "exact" }],
      truncated: false,
    });
    assert.equal((await broker.log()).at(-1)?.reason, "1 entries");
  });

  it("finds the entries of an alias, and the question names both sites", async () => {
    const origin = "https://shop.example.co.uk";
    assert.deepEqual(await find(origin), {
      entries: [{ label: "office/example.com/alice", username: "alice", match: "alias" }],
      truncated: false,
    });
    await get(origin, ["username"]);
    assert.partialDeepStrictEqual(broker.questions.at(-1), { origin, site: "example.com", match: "alias", minutes: 3 });
    assert.deepEqual(await find("https://example.co.uk"), { entries: [], truncated: false });
  });

  it("offers to an http page the entries of the hosts it lists", async () => {
    assert.match(JSON.stringify(await find("http://printer.example.net")), /office\/printer\.example\.net/);
    assert.deepEqual(await find("http://example.org"), { entries: [], truncated: false });
  });

  it("releases the custom fields it lists, after a question that names them; neither the first line nor a seed", async () => {
    const fields = ["custom:PIN", "custom:Customer number", "custom:backup"];
    const { result } = await get("https://example.com", fields);
    assert.deepEqual(result, { custom: { PIN: "1234", "Customer number": "A: 7" } });
    assert.partialDeepStrictEqual(broker.questions.at(-1), { fields });
    assert.equal(codeOf(await get("https://example.com", ["custom:note"])), "denied");
  });

  it("is told of a change in its folders, and of no other", async () => {
    const gates = dirname(dirname(broker.socket));
    await mkdir(join(gates, "all"), { mode: 0o700 });
    await broker.control.order({ type: "openGate", gate: "all" });
    using all = await greetedClient(join(gates, "all/bridge.sock"));
    const isChange = ({ event }: Record<string, unknown>): boolean => event === "storeChanged";

    const seen = (asking: RawClient, label: string) =>
      eventually(label, async () => {
        const request = { id: (id += 1), type: "find", origin: "https://new.example.com", use: "form" };
        return JSON.stringify(await asking.ask(request)).includes(label);
      });
    await broker.store.insert("private/new.example.com", "hidden");
    await seen(all, "new.example.com");
    broker.pass(5_000);
    await all.next(isChange);
    // Told first, it would have come before the reply.
    await find("https://example.com");
    assert.equal(client.received.some(isChange), false);
    await broker.store.insert("office/new.example.com", "pw-new");
    await seen(client, "office/new.example.com");
    broker.pass(5_000);
    await client.next(isChange);
  });
});

describe('a gate with labels = "none"', function () {
  this.timeout(60_000);

  it("shows a number, and no user name", async () => {
    await using broker = await startBroker({
      entries: { "web/example.com/alice": "a", "web/example.com/bob": "b" },
      config: '[gates.test]\nlabels = "none"\n',
    });
    using client = await greetedClient(broker.socket);
    const reply = await client.ask({ id: 2, type: "find", origin: "https://example.com", use: "form" });
    assert.doesNotMatch(JSON.stringify(reply), /alice|bob|example/);
    assert.match(JSON.stringify(reply), /"label":"1","match":"exact".*"label":"2","match":"exact"/);
  });
});
