import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { findAll } from "#test/harness/many-finds.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const HOSTS = 8_000;
/** Every 40th of them has an entry. */
const EVERY = 40;
const nameOf = (at: number): string => `host${at}.example.com`;

describe(`attack 62: look up ${HOSTS} hosts of one site`, function () {
  this.timeout(300_000);
  let broker: TestBroker;
  let answers: Map<string, string>;
  let log: Record<string, unknown>[];
  before(async () => {
    const names = Array.from({ length: HOSTS / EVERY }, (_, at) => nameOf(at * EVERY));
    broker = await startBroker({
      entries: Object.fromEntries(names.map((name) => [`${name}/alice`, "secret"])),
      movesClock: true,
    });
    await broker.person(async () => "timeout");
    const others = Array.from({ length: HOSTS }, (_, at) => nameOf(at)).filter((name) => !names.includes(name));
    using client = await greetedClient(broker.socket);
    // Those that it thinks likeliest first.
    const all = [...names, ...others].map((name) => `https://${name}`);
    answers = await findAll(client, all);
    broker.process.kill("SIGTERM");
    await once(broker.process, "exit");
    log = await broker.log();
  });
  after(() => broker[Symbol.asyncDispose]());

  it("20 of them are answered, the others are rate_limited", () => {
    assert.equal(answers.size, HOSTS);
    const labels = [...answers.values()].filter((answer) => answer !== "rate_limited");
    assert.equal(labels.length, 20);
    assert.ok(
      labels.every((label) => label.endsWith("/alice")),
      labels.join(),
    );
  });

  it("the log names each of them, and none is folded away", () => {
    const found = log.filter(({ type, decision }) => type === "find" && decision === "allowed");
    const answered = [...answers].filter(([, answer]) => answer !== "rate_limited").map(([origin]) => origin);
    assert.deepEqual(
      found.map(({ origin }) => origin),
      answered,
    );
  });

  it("one question asks whether it may go on", () => {
    assert.partialDeepStrictEqual(broker.questions, [{ kind: "limit", domains: 20, span: "minute" }]);
  });
});
