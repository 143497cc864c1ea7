import assert from "node:assert/strict";
import type { Match } from "#broker/entries-by-host.ts";
import { type EntryName, parseEntryName } from "#broker/entry-name.ts";
import { followReference } from "#broker/follow-reference.ts";
import { type Login, parseLogin } from "#broker/login.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { codeOf, greetedClient } from "#test/harness/raw-client.ts";

describe("a password that is a reference", () => {
  let allowed: string[];
  let read: string[];
  beforeEach(() => {
    allowed = [];
    read = [];
  });

  /** Follows from `start` among entries that the page may have. */
  async function follow(texts: Record<string, string>, start = "example.com/a"): Promise<Login> {
    const textOf = (name: EntryName): string => texts[name] ?? "";
    const names = Object.keys(texts).map(entryName);
    return await followReference(entryName(start), parseLogin(textOf(entryName(start)), entryName(start)), {
      candidates: names.map(matchOf),
      allow: async ({ entry }) => allowed.push(entry.name),
      read: async ({ entry: { name } }) => {
        assert(allowed.includes(name), "read before it was allowed");
        read.push(name);
        return parseLogin(textOf(name), name);
      },
    });
  }

  it("is the other entry's, and nothing else of it is", async () => {
    const login = await follow({
      "example.com/a": "gopass://example.com/b\nlogin: alice\notp: AA",
      "example.com/b": "pw\nlogin: bob\notp: BB",
    });
    assert.deepEqual([login.password, login.username, login.otp], ["pw", "alice", { secret: "AA" }]);
    assert.deepEqual(allowed, ["example.com/b"]);
  });

  it("may lead over ten entries, each asked about, and not over more", async () => {
    const chain = (length: number): Record<string, string> =>
      Object.fromEntries(
        Array.from({ length }, (_, at) => [`example.com/${at}`, `gopass://example.com/${at + 1}`]).concat([
          [`example.com/${length}`, "pw"],
        ]),
      );
    const login = await follow(chain(10), "example.com/0");
    assert.deepEqual([login.password, allowed.length], ["pw", 10]);
    read = [];
    await assert.rejects(follow(chain(11), "example.com/0"), { code: "entry_invalid" });
    assert.equal(read.includes("example.com/11"), false);
  });

  const REFUSED: Record<string, Record<string, string>> = {
    "to itself": { "example.com/a": "gopass://example.com/a" },
    "in a circle": { "example.com/a": "gopass://example.com/b", "example.com/b": "gopass://example.com/a" },
    "that ends in a circle": {
      "example.com/a": "gopass://example.com/b",
      "example.com/b": "gopass://example.com/c",
      "example.com/c": "gopass://example.com/b",
    },
    "to an entry that the page may not have": { "example.com/a": "gopass://bank.com/alice" },
    "to nothing": { "example.com/a": "gopass://" },
    "out of the store": { "example.com/a": "gopass://../example.com/b", "example.com/b": "pw" },
  };
  for (const [title, texts] of Object.entries(REFUSED)) {
    it(`is refused: ${title}`, async () => {
      await assert.rejects(follow(texts), (error: Error) => {
        assert.equal("code" in error && error.code, "entry_invalid");
        assert.doesNotMatch(error.message, /bank|example|gopass/);
        return true;
      });
    });
  }
});

describe("a reference over the gate", function () {
  this.timeout(60_000);
  const ORIGIN = "https://example.com";
  let broker: TestBroker;
  before(async () => {
    broker = await startBroker({
      entries: {
        "example.com/alice": "gopass://example.com/shared\nlogin: alice\n",
        "example.com/shared": "marker-of-shared\nlogin: bob\n",
        "example.org/alice": "gopass://example.com/shared\n",
        "work/example.com/carol": "gopass://private/example.com/carol\n",
        "private/example.com/carol": "marker-of-private\n",
      },
      config: '[gates.test]\nfolders = ["work", "example.com", "example.org"]\n',
    });
  });
  beforeEach(() => broker.questions.splice(0));
  after(() => broker[Symbol.asyncDispose]());

  async function get(origin: string, fields: string[]): Promise<Record<string, unknown>> {
    using client = await greetedClient(broker.socket);
    const handle = await findFirst(client, 2, origin);
    return await client.ask({ id: 3, type: "get", handle, origin, fields });
  }

  it("is followed after a question that names both entries, and logged", async () => {
    const reply = await get(ORIGIN, ["username", "password"]);
    assert.deepEqual(reply.result, { username: "alice", password: "marker-of-shared" });
    const asked = broker.questions.map((each) => each.kind === "fill" && [each.entry, each.referredBy, each.fields]);
    assert.deepEqual(asked, [
      ["example.com/alice", undefined, ["username", "password"]],
      ["example.com/shared", "example.com/alice", ["password"]],
    ]);
    const log = await broker.log();
    assert.equal(log.at(-1)?.reason, "allowed once, password of example.com/shared, allowed once");
  });

  it("is not followed where the password is not asked for", async () => {
    assert.deepEqual((await get(ORIGIN, ["username"])).result, { username: "alice" });
    assert.equal(broker.questions.length, 1);
  });

  it("gives nothing when a person says no to the second", async () => {
    await broker.person(async (question) => (question.kind === "fill" && question.referredBy ? "deny" : "once"));
    assert.equal(codeOf(await get(ORIGIN, ["username", "password"])), "denied");
    await broker.person(async () => "once");
  });

  it("to an entry that the gate does not see gives nothing, and nobody is asked about that one", async () => {
    using client = await greetedClient(broker.socket);
    const { result } = await client.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" });
    const handle = /"handle":"([\w-]{22})","label":"example.com\/carol"/.exec(JSON.stringify(result))?.[1];
    const reply = await client.ask({ id: 3, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    assert.equal(codeOf(reply), "entry_invalid", JSON.stringify(reply));
    assert.equal(broker.questions.length, 1);
  });

  it("to another site's entry gives nothing, and nobody is asked about that one", async () => {
    assert.equal(codeOf(await get("https://example.org", ["password"])), "entry_invalid");
    assert.equal(broker.questions.length, 1);
  });
});

function matchOf(name: EntryName): Match {
  return { entry: { name, site: { host: "example.com" }, label: name }, match: "exact" };
}

function entryName(text: string): EntryName {
  const name = parseEntryName(text);
  assert(name);
  return name;
}
