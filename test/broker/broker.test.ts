import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Answer } from "#protocol/generated/consent.ts";
import { serveSocket } from "#cli/session/listen.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type RawClient, HELLO, codeOf, greetedClient, rawClient } from "#test/harness/raw-client.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ORIGIN = "https://www.example.com";
const URI = "otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8";

describe("a broker on a real store", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let client: RawClient;
  /** What the person says; another person would be another consent agent, with whose going every grant goes. */
  let answer: Answer["answer"];
  let id = 10;
  beforeEach(async () => {
    answer = "once";
    broker = await startBroker({
      entries: {
        "web/example.com/alice@mail.example": `pw-alice\nlogin: alice\n${URI}\nnote: hidden\n`,
        "localhost:8000": "pw-local\n",
        "example.org": "pw-org\nuser: bob\n",
      },
    });
    await broker.person(async () => answer);
    client = await greetedClient(broker.socket);
  });
  afterEach(async () => {
    client[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  const find = (origin: string) => client.ask({ id: (id += 1), type: "find", origin, use: "form" });
  const get = (handle: string, fields: string[], origin = ORIGIN) =>
    client.ask({ id: (id += 1), type: "get", handle, origin, fields });

  it("finds by name, with label, user and kind of match", async () => {
    const { result } = await find(ORIGIN);
    const text = JSON.stringify(result).replace(/"handle":"[\w-]{22}"/, '"handle":"H"');
    assert.deepEqual(JSON.parse(text), {
      entries: [
        { handle: "H", label: "example.com/alice@mail.example", username: "alice@mail.example", match: "parent" },
      ],
      truncated: false,
    });
    assert.deepEqual(broker.questions, []);
  });

  it("offers nothing to http, except on this machine itself", async () => {
    assert.deepEqual((await find("http://example.org")).result, { entries: [], truncated: false });
    assert.match(JSON.stringify((await find("http://localhost:8000")).result), /"label":"localhost:8000"/);
    assert.deepEqual((await find("http://localhost:9000")).result, { entries: [], truncated: false });
  });

  it("releases the asked fields after one question that names everything", async () => {
    const reply = await get(await findFirst(client, 2, ORIGIN), ["username", "password", "otp"]);
    const result: unknown = reply.result;
    assert.match(
      JSON.stringify(result),
      /"username":"alice","password":"pw-alice","otp":\{"code":"\d{8}","validUntil":\d{13}\}/,
    );
    assert.doesNotMatch(JSON.stringify(result), /hidden|secret=/);
    assert.deepEqual(broker.questions, [
      {
        kind: "fill",
        gate: "test",
        origin: ORIGIN,
        registrableDomain: "example.com",
        entry: "web/example.com/alice@mail.example",
        site: "example.com",
        match: "parent",
        fields: ["username", "password", "otp"],
        minutes: 15,
      },
    ]);
  });

  it("releases the same fields again on the same handle without a question, and no other", async () => {
    const handle = await findFirst(client, 2, ORIGIN);
    await get(handle, ["username"]);
    await get(handle, ["username"]);
    assert.equal(broker.questions.length, 1);
    await get(handle, ["username", "password"]);
    assert.equal(broker.questions.length, 2);
  });

  it("asks again on a new handle after once, and not after 15 minutes were given", async () => {
    await get(await findFirst(client, 2, ORIGIN), ["password"]);
    answer = "session";
    await get(await findFirst(client, 3, ORIGIN), ["password"]);
    assert.equal(broker.questions.length, 2);
    const reply = await get(await findFirst(client, 4, ORIGIN), ["password"]);
    assert.equal(reply.ok, true);
    assert.equal(broker.questions.length, 2);
    assert.equal((await broker.control.status()).gates[0]?.grants, 1);
    await get(await findFirst(client, 5, ORIGIN), ["otp"]);
    assert.equal(broker.questions.length, 3);
  });

  it("announces a gpg to the session's relay when something is found", async () => {
    const { promise: silence, resolve } = Promise.withResolvers<number>();
    await using _relay = await serveSocket(join(dirname(broker.socket), "../../session/agent.sock"), (socket) => {
      socket.resume().once("end", () => socket.end());
      socket.once("close", () => resolve(socket.bytesRead));
    });
    await findFirst(client, 2, ORIGIN);
    assert.equal(await silence, 0);
  });

  it("forgets what was allowed when the consent agent goes", async () => {
    answer = "session";
    await get(await findFirst(client, 2, ORIGIN), ["password"]);
    assert.equal((await broker.control.status()).gates[0]?.grants, 1);
    await broker.person(async () => "deny");
    await eventually("the end of the grant", async () => (await broker.control.status()).gates[0]?.grants === 0);
    assert.equal(codeOf(await get(await findFirst(client, 3, ORIGIN), ["password"])), "denied");
  });

  it("answers nothing but hello and cancel when locked, and has forgotten everything afterwards", async () => {
    answer = "session";
    const handle = await findFirst(client, 2, ORIGIN);
    await get(handle, ["password"]);
    assert.deepEqual((await client.ask({ id: 3, type: "lock" })).result, {});
    await client.next((message) => message.event === "state" && message.state === "locked");
    await eventually("the notification", () => broker.notices.length > 0);
    assert.deepEqual(broker.notices, [{ gate: "test", reason: "gate_locked" }]);
    assert.equal(codeOf(await get(handle, ["password"])), "locked");
    assert.equal(codeOf(await find(ORIGIN)), "locked");
    assert.equal(codeOf(await client.ask({ id: 5, type: "pick", origin: ORIGIN })), "locked");
    const save = { type: "save", origin: ORIGIN, username: "alice", generate: { length: 20 } };
    assert.equal(codeOf(await client.ask({ id: 6, ...save })), "locked");
    assert.equal(codeOf(await client.ask({ id: 7, type: "lock" })), "locked");
    using late = await rawClient(broker.socket);
    assert.match(JSON.stringify((await late.ask(HELLO)).result), /"state":"locked"/);
    assert.equal((await client.ask({ id: 4, type: "cancel", target: 9 })).ok, true);
    await broker.control.order({ type: "unlock" });
    await client.next((message) => message.event === "state" && message.state === "ready");
    answer = "deny";
    assert.equal(codeOf(await get(handle, ["password"])), "denied");
  });

  it("does not release what was asked before it was locked, whatever the person says after", async () => {
    const late = Promise.withResolvers<"once">();
    await broker.person(() => late.promise);
    const handle = await findFirst(client, 2, ORIGIN);
    client.send({ id: 50, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    await eventually("the question", () => broker.questions.length === 1);
    await broker.control.order({ type: "lock" });
    late.resolve("once");
    assert.equal(codeOf(await client.next((message) => message.id === 50)), "locked");
  });

  it("cancels a request that waits for its answer", async () => {
    await broker.person((_question, signal) =>
      once(signal, "abort").then(() => {
        throw signal.reason;
      }),
    );
    const handle = await findFirst(client, 2, ORIGIN);
    client.send({ id: 50, type: "get", handle, origin: ORIGIN, fields: ["password"] });
    await eventually("the question", () => broker.questions.length === 1);
    assert.equal((await client.ask({ id: 51, type: "cancel", target: 50 })).ok, true);
    assert.equal(codeOf(await client.next((message) => message.id === 50)), "cancelled");
  });

  it("refuses custom fields, which no policy lists", async () => {
    assert.equal(codeOf(await get(await findFirst(client, 2, ORIGIN), ["custom:pin"])), "denied");
    assert.deepEqual(broker.questions, []);
  });

  it("answers busy for the 33rd request that waits, and every other by its own id", async () => {
    await using temporary = await temporaryDirectory();
    const go = join(temporary.path, "go");
    // Decrypts when it is told to.
    const script = `case "$*" in *--decrypt*) until [ -e ${go} ]; do sleep 0.05; done;; esac; PATH='${process.env.PATH}' exec gpg "$@"`;
    await fakeProgram(temporary.path, "gpg", script);
    await using slow = await startBroker({
      entries: { "example.com": "pw\nlogin: alice\n" },
      config: "[gates.test.limits]\ngets-a-minute = 100\n",
      environment: { PATH: `${temporary.path}:${process.env.PATH}` },
    });
    await slow.person(async () => "session");
    using asker = await greetedClient(slow.socket);
    const handle = await findFirst(asker, 2, ORIGIN);
    const fieldOf = (asked: number): string => (asked % 2 === 0 ? "username" : "password");
    const ask = (asked: number, fields: string[]): void =>
      asker.send({ id: 100 + asked, type: "get", handle, origin: ORIGIN, fields });
    ask(1, ["username", "password"]);
    await eventually("the yes", async () => (await slow.control.status()).gates[0]?.grants === 1);
    for (let asked = 2; asked <= 40; asked++) ask(asked, [fieldOf(asked)]);
    for (let asked = 33; asked <= 40; asked++) {
      assert.equal(codeOf(await asker.next(({ id: of }) => of === 100 + asked)), "busy", `${asked}`);
    }
    assert.equal(asker.received.filter(({ id: of }) => Number(of) > 100).length, 8);
    await writeFile(go, "");
    const values: Record<string, string> = { username: "alice", password: "pw" };
    for (let asked = 2; asked <= 32; asked++) {
      const { result } = await asker.next(({ id: of }) => of === 100 + asked);
      assert.deepEqual(result, { [fieldOf(asked)]: values[fieldOf(asked)] }, `${asked}`);
    }
    assert.deepEqual((await asker.next(({ id: of }) => of === 101)).result, values);
    assert.equal(asker.received.filter(({ id: of }) => Number(of) > 100).length, 40);
  });

  it("answers busy to the 11th connection and closes it", async () => {
    const clients = await Promise.all(Array.from({ length: 9 }, () => greetedClient(broker.socket)));
    using late = await rawClient(broker.socket);
    assert.equal(codeOf(await late.next(() => true)), "busy");
    await late.closed();
    for (const other of clients) other[Symbol.dispose]();
  });

  it("sees an entry that pass has just inserted, and says that the store changed", async () => {
    await using moved = await startBroker({ movesClock: true });
    using other = await greetedClient(moved.socket);
    await moved.store.insert("new.example.net", "pw-new");
    await eventually("the new entry", async () => {
      const found = await other.ask({ id: (id += 1), type: "find", origin: "https://new.example.net", use: "form" });
      return JSON.stringify(found).includes("new.example.net");
    });
    moved.pass(5_000);
    await other.next((message) => message.event === "storeChanged");
  });

  it("logs every decision in a file of the user's alone", async () => {
    await get(await findFirst(client, 2, ORIGIN), ["password"]);
    answer = "deny";
    await get(await findFirst(client, 3, ORIGIN), ["password"]);
    const lines = (await broker.log()).map(({ time: _time, ...line }) => line);
    const about = { gate: "test", connection: 1, origin: ORIGIN };
    const entry = "web/example.com/alice@mail.example";
    assert.deepEqual(lines, [
      { ...about, type: "find", decision: "allowed", reason: "1 entries" },
      { ...about, type: "get", entry, fields: ["password"], decision: "allowed", reason: "allowed once" },
      { ...about, type: "find", decision: "allowed", reason: "1 entries, again" },
      { ...about, type: "get", entry, fields: ["password"], decision: "refused", reason: "denied" },
    ]);
    assert.equal((await stat(join(broker.state, "audit.jsonl"))).mode & 0o777, 0o600);
    assert.match(await readFile(join(broker.state, "audit.jsonl"), "utf8"), /^\{"time":"\d{4}-\d\d-\d\dT/);
  });

  it("counts a look-up at the time of day, so that it is no older for the next broker", async () => {
    await client.ask({ id: 2, type: "find", origin: ORIGIN, use: "form" });
    const { domains } = JSON.parse(await readFile(join(broker.state, "lookups-test.json"), "utf8"));
    const ages = Object.values<number>(domains).map((at) => Date.now() - at);
    assert.equal(ages.length, 1);
    for (const age of ages) assert.ok(Math.abs(age) < 60_000, `${age}`);
  });

  it("says that the store is gone when it is", async () => {
    await rm(broker.store.store, { recursive: true });
    await eventually("store_unavailable", async () => codeOf(await find(ORIGIN)) === "store_unavailable");
  });
});
