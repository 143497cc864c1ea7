import assert from "node:assert/strict";
import { once } from "node:events";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { findAll } from "#test/harness/many-finds.ts";
import { greetedClient } from "#test/harness/raw-client.ts";

const DOMAINS = 10_000;
/** Every 250th of them has an entry. */
const EVERY = 250;
const nameOf = (at: number): string => `site${at}.com`;

describe(`attack 10: look up every domain of a list of ${DOMAINS}`, function () {
  this.timeout(300_000);
  let broker: TestBroker;
  let answers: Map<string, string>;
  let log: Record<string, unknown>[];
  let minutes: number;
  before(async () => {
    const names = Array.from({ length: DOMAINS / EVERY }, (_, at) => nameOf(at * EVERY));
    broker = await startBroker({ entries: Object.fromEntries(names.map((name) => [`${name}/alice`, "secret"])) });
    await broker.person(async () => "timeout");
    // It knows where the entries are likely to be.
    const others = Array.from({ length: DOMAINS }, (_, at) => nameOf(at)).filter((name) => !names.includes(name));
    using client = await greetedClient(broker.socket);
    const startedAt = performance.now();
    answers = await findAll(
      client,
      [...names, ...others].map((name) => `https://${name}`),
    );
    minutes = Math.floor((performance.now() - startedAt) / 60_000) + 1;
    await eventually("the notification", () => broker.notices.length > 0);
    broker.process.kill("SIGTERM");
    await once(broker.process, "exit");
    log = await broker.log();
  });
  after(() => broker[Symbol.asyncDispose]());

  it("20 of them a minute are answered, the others are rate_limited", () => {
    const found = [...answers.values()].filter((answer) => answer !== "rate_limited");
    assert.ok(found.length >= 20 && found.length <= 20 * minutes, `${found.length} in ${minutes} minutes`);
    assert.equal(answers.size, DOMAINS);
    const labels = found.filter((answer) => answer !== "");
    assert.ok(
      labels.length >= 20 && labels.length <= 20 * minutes && labels.every((label) => label.endsWith("/alice")),
      labels.join(),
    );
  });

  it("one question asked whether to go on, and one notification told of it", () => {
    assert.ok(broker.questions.length <= minutes);
    assert.partialDeepStrictEqual(broker.questions[0], { kind: "limit", gate: "test", domains: 20, span: "minute" });
    assert.ok(broker.notices.length <= minutes);
    assert.deepEqual(broker.notices[0], { gate: "test", reason: "limit" });
  });

  it("the log has each that was answered, and how many were not", () => {
    const finds = log.filter(({ type }) => type === "find");
    const allowed = finds.filter(({ decision }) => decision === "allowed").map(({ origin }) => origin);
    const answered = [...answers].filter(([, answer]) => answer !== "rate_limited").map(([origin]) => origin);
    assert.deepEqual(allowed, answered);
    const refused = finds.filter(({ reason }) => reason === "rate_limited");
    const count = refused.reduce((sum, line) => sum + (typeof line.count === "number" ? line.count : 1), 0);
    assert.equal(count, DOMAINS - answered.length);
    assert.ok(log.some(({ type, gate }) => type === "limit" && gate === "test"));
  });
});
