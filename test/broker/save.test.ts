import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Answer } from "#protocol/generated/consent.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { keepInGit, passGit } from "#test/harness/git-store.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const run = promisify(execFile);
const ORIGIN = "https://example.com";
const save = { type: "save", origin: ORIGIN };

describe("save", function () {
  this.timeout(120_000);
  let broker: TestBroker;
  let client: RawClient;
  let answer: Answer["answer"];
  let id = 10;
  before(async () => {
    broker = await startBroker({ entries: { "bank.com/max": "old\nlogin: max\nurl: https://bank.com\npin: 1234\n" } });
    await keepInGit(broker.store);
    await broker.person(async () => answer);
  });
  after(() => broker[Symbol.asyncDispose]());
  beforeEach(async () => {
    answer = "once";
    client = await greetedClient(broker.socket);
  });
  afterEach(() => client[Symbol.dispose]());

  const ask = (request: Record<string, unknown>) => client.ask({ ...request, id: (id += 1) });

  it("writes a new login that pass reads, and says in the question what and where", async () => {
    const reply = await ask({ ...save, username: "alice", password: "s3cret: x" });
    assert.match(JSON.stringify(reply.result), /"label":"example\.com\/alice","username":"alice","match":"exact"/);
    assert.equal(await show("example.com/alice"), "s3cret: x\nlogin: alice\n");
    assert.deepEqual(broker.questions.at(-1), {
      kind: "save",
      gate: "test",
      origin: ORIGIN,
      registrableDomain: "example.com",
      entry: "example.com/alice",
      username: "alice",
    });
    const line = (await broker.log()).findLast(({ type }) => type === "save");
    assert.equal(line?.entry, "example.com/alice");
    assert.equal(line?.decision, "allowed");
    assert.equal(JSON.stringify(await broker.log()).includes("s3cret"), false);
  });

  it("is committed as pass commits", async () => {
    await ask({ ...save, username: "committed", password: "secret" });
    const subject = await passGit(broker.store, "log", "-1", "--format=%s");
    assert.equal(subject, "Add given password for example.com/committed to store.\n");
    assert.equal(await passGit(broker.store, "status", "--porcelain"), "");
  });

  it("names the entry after host and port, without a user name as well, and never over another", async () => {
    const labels: unknown[] = [];
    for (const request of [
      { origin: "https://plain.net" },
      { origin: "https://plain.net" },
      { origin: "https://plain.net", username: "bob" },
      { origin: "https://plain.net", username: "bob" },
      { origin: "https://plain.net:8443", username: "a/b" },
      { origin: "http://localhost:8080", username: "dev" },
    ]) {
      await ask({ ...save, ...request, password: "secret" });
      const question = broker.questions.at(-1);
      labels.push(question?.kind === "save" && question.entry);
    }
    assert.deepEqual(labels, [
      "plain.net",
      "plain.net/plain.net",
      "plain.net/bob",
      "plain.net/bob-2",
      "plain.net:8443/a_b",
      "localhost:8080/dev",
    ]);
    assert.equal(await show("plain.net:8443/a_b"), "secret\nlogin: a/b\n");
    assert.equal(codeOf(await ask({ ...save, origin: "https://plain.net", password: "x" })), "entry_invalid");
  });

  it("makes a password that can be fetched once without a question, and nothing else", async () => {
    const reply = await ask({ ...save, username: "made", generate: { length: 12, charset: "digits" } });
    const handle = handleIn(reply);
    assert.doesNotMatch(JSON.stringify(reply), /\d{12}/);
    const asked = broker.questions.length;
    const get = { type: "get", handle, origin: ORIGIN };
    answer = "timeout";
    const { result } = await ask({ ...get, fields: ["password"] });
    const [, password = ""] = /"password":"(\d{12})"/.exec(JSON.stringify(result)) ?? [];
    assert.equal(await show("example.com/made"), `${password}\nlogin: made\n`);
    assert.equal(broker.questions.length, asked);
    assert.equal(codeOf(await ask({ ...get, fields: ["password"] })), "timeout");
    assert.equal(broker.questions.length, asked + 1);
  });

  it("asks for everything else of a login with a password that was made", async () => {
    const handle = handleIn(await ask({ ...save, username: "both", generate: {} }));
    answer = "timeout";
    const get = { type: "get", handle, origin: ORIGIN, fields: ["username", "password"] };
    assert.equal(codeOf(await ask(get)), "timeout");
  });

  it("asks for a password that the browser itself has saved", async () => {
    const handle = handleIn(await ask({ ...save, username: "given", password: "secret" }));
    answer = "timeout";
    assert.equal(codeOf(await ask({ type: "get", handle, origin: ORIGIN, fields: ["password"] })), "timeout");
  });

  it("replaces a password that was filled here, keeps every other line, and says what it replaces", async () => {
    const origin = "https://bank.com";
    const file = join(broker.store.store, "bank.com/max.gpg");
    const threeDaysAgo = new Date(Date.now() - 3.5 * 24 * 60 * 60_000);
    await utimes(file, threeDaysAgo, threeDaysAgo);
    const handle = await findFirst(client, (id += 1), origin);
    const update = { type: "save", origin, update: handle, password: "new" };
    assert.equal(codeOf(await ask(update)), "denied");
    await ask({ type: "get", handle, origin, fields: ["password"] });
    assert.equal(codeOf(await ask({ ...update, username: "eve" })), "bad_message");
    assert.equal(codeOf(await ask({ ...update, origin: "https://bank.net" })), "origin_mismatch");
    assert.equal((await ask(update)).ok, true);
    assert.equal(await show("bank.com/max"), "new\nlogin: max\nurl: https://bank.com\npin: 1234\n");
    const question = broker.questions.at(-1);
    const { result } = await ask({ type: "get", handle, origin, fields: ["password"] });
    assert.deepEqual(result, { password: "new" });
    assert.deepEqual(question?.kind === "save" && [question.username, question.replaces], ["max", { days: 3 }]);
  });

  it("reads no more often for an update than for a get", async () => {
    await using other = await startBroker({ entries: { "bank.com/max": "old\n" } });
    using peer = await greetedClient(other.socket);
    const origin = "https://bank.com";
    const handle = await findFirst(peer, 2, origin);
    await peer.ask({ id: 3, type: "get", handle, origin, fields: ["password"] });
    const codes: unknown[] = [];
    for (let at = 0; at < 10; at++) {
      const reply = await peer.ask({ id: 4 + at, type: "save", origin, update: handle, password: "gopass://bank.com" });
      codes.push(codeOf(reply));
    }
    assert.deepEqual(codes, [...Array.from({ length: 9 }, () => "entry_invalid"), "rate_limited"]);
  });

  it("that is cancelled right after the yes is written, and the log has it", async () => {
    const last = (id += 1);
    const [hook, begun, go] = [".git/hooks/pre-commit", "begun", "go"].map((name) => join(broker.store.store, name));
    assert(hook && begun && go);
    // The yes was given when git is at work, which waits there for the cancellation.
    await writeFile(hook, `#!/bin/sh\ntouch ${begun}; until [ -e ${go} ]; do sleep 0.05; done\n`, { mode: 0o755 });
    client.send({ ...save, username: "hidden", password: "secret", id: last });
    await eventually("the writing", () => stat(begun).catch(() => undefined));
    assert.equal((await ask({ type: "cancel", target: last })).ok, true);
    assert.equal(codeOf(await client.next((message) => message.id === last)), "cancelled");
    await writeFile(go, "");
    await eventually("the commit", async () =>
      (await passGit(broker.store, "log", "-1")).includes("example.com/hidden"),
    );
    for (const path of [hook, begun, go]) await rm(path);
    assert.equal(await show("example.com/hidden"), "secret\nlogin: hidden\n");
    const lines = (await broker.log()).filter(({ entry }) => entry === "example.com/hidden");
    assert.deepEqual(
      lines.map(({ type, decision }) => [type, decision]),
      [["save", "allowed"]],
    );
  });

  it("writes nothing without a yes", async () => {
    for (const [no, code] of [
      ["deny", "denied"],
      ["timeout", "timeout"],
    ] as const) {
      answer = no;
      assert.equal(codeOf(await ask({ ...save, username: no, password: "secret" })), code);
      await assert.rejects(stat(join(broker.store.store, `example.com/${no}.gpg`)));
    }
    await broker.person(undefined);
    assert.equal(codeOf(await ask({ ...save, username: "nobody", password: "secret" })), "no_consent_agent");
    await assert.rejects(stat(join(broker.store.store, "example.com/nobody.gpg")));
  });

  it("keeps to what the gate sees, and shows of it what the gate is shown", async () => {
    const config = '[gates.test]\nfolders = ["work", "home"]\nlabels = "none"\n';
    await using other = await startBroker({ config });
    using peer = await greetedClient(other.socket);
    const reply = await peer.ask({ id: 2, ...save, username: "alice", password: "secret" });
    assert.partialDeepStrictEqual(reply.result, { entry: { label: "1" } });
    assert.doesNotMatch(JSON.stringify(reply), /alice/);
    assert.partialDeepStrictEqual(other.questions.at(-1), { entry: "work/example.com/alice", username: "alice" });
  });

  it("takes either a password or the wish for one, and only https", async () => {
    assert.equal(codeOf(await ask(save)), "bad_message");
    assert.equal(codeOf(await ask({ ...save, password: "x", generate: {} })), "bad_message");
    assert.equal(codeOf(await ask({ ...save, origin: "http://example.com", password: "x" })), "denied");
  });

  async function show(entry: string): Promise<string> {
    return (await run("pass", ["show", entry], { env: broker.store.environment })).stdout;
  }
});

function handleIn(reply: Record<string, unknown>): string {
  const handle = /"handle":"([\w-]{22})"/.exec(JSON.stringify(reply.result))?.[1];
  assert.ok(handle, JSON.stringify(reply));
  return handle;
}
