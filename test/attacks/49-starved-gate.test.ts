import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Answer, Question } from "#protocol/generated/consent.ts";
import { findFirst } from "#test/harness/bridge.ts";
import { type TestBroker, startBroker } from "#test/harness/broker.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type RawClient, codeOf, greetedClient } from "#test/harness/raw-client.ts";

const SITES = ["one.example", "two.example", "three.example", "four.example", "five.example", "six.example"];

describe("attack 49: a gate whose prompts leave another gate no turn", function () {
  this.timeout(60_000);
  let broker: TestBroker;
  let loud: RawClient;
  let quiet: RawClient;
  let asked: { question: Question; answer: (answer: Answer["answer"]) => void; isGone: () => boolean }[];
  beforeEach(async () => {
    const entries = Object.fromEntries([...SITES, "quiet.example"].map((site) => [`a/${site}.com`, `of ${site}`]));
    broker = await startBroker({ entries });
    asked = [];
    await broker.person((question, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer["answer"]>();
      signal.addEventListener("abort", () => reject(signal.reason));
      asked.push({ question, answer: resolve, isGone: () => signal.aborted });
      return promise;
    });
    const other = join(dirname(dirname(broker.socket)), "quiet");
    await mkdir(other, { mode: 0o700 });
    await broker.control.order({ type: "openGate", gate: "quiet" });
    loud = await greetedClient(broker.socket);
    quiet = await greetedClient(join(other, "bridge.sock"));
  });
  afterEach(async () => {
    loud[Symbol.dispose]();
    quiet[Symbol.dispose]();
    await broker[Symbol.asyncDispose]();
  });

  async function askFor(client: RawClient, id: number, site: string): Promise<void> {
    const origin = `https://${site}.com`;
    const handle = await findFirst(client, id, origin);
    client.send({ id: id + 1, type: "get", handle, origin, fields: ["password"] });
  }

  const gates = (): string[] => asked.map(({ question }) => question.gate);

  it("by as many questions as it may: the other's comes next", async () => {
    for (const [index, site] of SITES.slice(0, 5).entries()) await askFor(loud, 10 + 2 * index, site);
    await eventually("the first question", () => asked.length === 1);
    await askFor(quiet, 2, "quiet.example");
    // Its request has arrived: it answers this one after it.
    await quiet.ask({ id: 9, type: "find", origin: "https://quiet.example.com", use: "form" });
    asked[0]?.answer("timeout");
    await eventually("the second question", () => asked.length === 2);
    assert.deepEqual(gates(), ["test", "quiet"]);
    asked[1]?.answer("once");
    assert.deepEqual((await quiet.next(({ id }) => id === 3)).result, { password: "of quiet.example" });
  });

  it("by more than that: it alone is locked, its prompt goes, the other's comes and its yes stays", async () => {
    await askFor(quiet, 2, "quiet.example");
    await eventually("the quiet one's question", () => asked.length === 1);
    asked[0]?.answer("session");
    assert.equal((await quiet.next(({ id }) => id === 3)).ok, true);

    for (const [index, site] of SITES.entries()) await askFor(loud, 10 + 2 * index, site);
    await eventually("its prompt is gone", () => asked[1]?.isGone());
    assert.equal(codeOf(await loud.next(({ id }) => id === 11)), "locked");
    assert.equal(
      codeOf(await loud.ask({ id: 30, type: "find", origin: "https://one.example.com", use: "form" })),
      "locked",
    );

    await askFor(quiet, 4, "quiet.example");
    assert.deepEqual((await quiet.next(({ id }) => id === 5)).result, { password: "of quiet.example" });
    assert.deepEqual(gates(), ["quiet", "test"]);
    const { gates: states } = await broker.control.status();
    assert.deepEqual(
      states.map(({ gate, state, grants }) => [gate, state, grants]),
      [
        ["test", "locked", 0],
        ["quiet", "ready", 1],
      ],
    );
  });

  it("by asking and taking back, over and over: it is locked at the third, and the other asked", async () => {
    for (const [index, site] of SITES.slice(0, 3).entries()) {
      await askFor(loud, 10 + 2 * index, site);
      await eventually("its question", () => asked.length === index + 1);
      await loud.ask({ id: 40 + index, type: "cancel", target: 11 + 2 * index });
    }
    const origin = "https://four.example.com";
    await eventually("the lock", async () => (await broker.control.status()).gates[0]?.state === "locked");
    assert.equal(codeOf(await loud.ask({ id: 50, type: "find", origin, use: "form" })), "locked");
    await askFor(quiet, 2, "quiet.example");
    await eventually("the quiet one's question", () => asked.length === 4);
    asked[3]?.answer("once");
    assert.equal((await quiet.next(({ id }) => id === 3)).ok, true);
  });
});
