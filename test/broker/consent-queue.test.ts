import assert from "node:assert/strict";
import { createConsentQueue } from "#broker/consent-queue.ts";
import type { Answer, FillQuestion, Question } from "#protocol/generated/consent.ts";
import { PosternError } from "#protocol/error.ts";

const never = new AbortController().signal;
const notSettled = (): boolean => false;

function question(gate: string, entry: string): FillQuestion {
  return {
    kind: "fill",
    gate,
    origin: "https://example.com",
    registrableDomain: "example.com",
    entry,
    site: "example.com",
    match: "exact",
    fields: ["password"],
    minutes: 15,
  };
}

function entryOf(asked: Question | undefined): string {
  return asked?.kind === "fill" ? asked.entry : "";
}

/** A person who answers when the test does. */
function slowPerson() {
  const asked: { question: Question; signal: AbortSignal; answer: (answer: Answer["answer"]) => void }[] = [];
  const flooded: string[] = [];
  /** As the gate's, which ends what waits. */
  const lock = new AbortController();
  let time = 0;
  const queue = createConsentQueue({
    ask: (put, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<Answer["answer"]>();
      signal.addEventListener("abort", () => reject(signal.reason));
      asked.push({ question: put, signal, answer: resolve });
      return promise;
    },
    onFlood: (gate) => {
      flooded.push(gate);
      lock.abort(new PosternError("locked", "Locked."));
    },
    now: () => time,
  });
  return { queue, asked, flooded, lock, pass: (ms: number) => (time += ms) };
}

/** Lets everything that is ready go on. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the queue of questions", () => {
  it("puts one at a time, and gates take turns", async () => {
    const { queue, asked } = slowPerson();
    const waiting = [
      queue.request(question("a", "1"), notSettled, never),
      queue.request(question("a", "2"), notSettled, never),
      queue.request(question("a", "3"), notSettled, never),
      queue.request(question("b", "4"), notSettled, never),
    ];
    const order: string[] = [];
    for (let turn = 0; turn < 4; turn++) {
      await settled();
      assert.equal(asked.length, turn + 1);
      order.push(entryOf(asked[turn]?.question));
      asked[turn]?.answer("once");
    }
    await Promise.all(waiting);
    assert.deepEqual(order, ["1", "4", "2", "3"]);
  });

  it("asks nothing twice that an answer has covered in the meantime", async () => {
    const { queue, asked } = slowPerson();
    let isCovered = false;
    const first = queue.request(question("a", "1"), notSettled, never);
    const second = queue.request(question("a", "1"), () => isCovered, never);
    await settled();
    isCovered = true;
    asked[0]?.answer("session");
    assert.equal(await first, "session");
    assert.equal(await second, "settled");
    assert.equal(asked.length, 1);
  });

  it("lets a no stick for a minute, for what waited behind it too", async () => {
    const { queue, asked, pass } = slowPerson();
    const first = queue.request(question("a", "1"), notSettled, never);
    const behind = queue.request(question("a", "1"), notSettled, never);
    await settled();
    asked[0]?.answer("deny");
    await assert.rejects(first, { code: "denied" });
    await assert.rejects(behind, { code: "denied" });
    pass(59_999);
    await assert.rejects(queue.request(question("a", "1"), notSettled, never), { code: "denied" });
    assert.equal(asked.length, 1);
    pass(1);
    const later = queue.request(question("a", "1"), notSettled, never);
    await settled();
    asked[1]?.answer("once");
    assert.equal(await later, "once");
  });

  it("does not let a no for one entry stand for another", async () => {
    const { queue, asked } = slowPerson();
    const first = queue.request(question("a", "1"), notSettled, never);
    await settled();
    asked[0]?.answer("deny");
    await assert.rejects(first, { code: "denied" });
    const other = queue.request(question("a", "2"), notSettled, never);
    await settled();
    asked[1]?.answer("once");
    assert.equal(await other, "once");
  });

  it("withdraws the prompt of a request that was cancelled, and puts the next", async () => {
    const { queue, asked } = slowPerson();
    const gone = new AbortController();
    const first = queue.request(question("a", "1"), notSettled, gone.signal);
    const second = queue.request(question("a", "2"), notSettled, never);
    await settled();
    gone.abort(new PosternError("cancelled", "Cancelled."));
    await assert.rejects(first, { code: "cancelled" });
    assert.equal(asked[0]?.signal.aborted, true);
    await settled();
    assert.equal(entryOf(asked[1]?.question), "2");
    asked[1]?.answer("once");
    assert.equal(await second, "once");
  });

  it("locks a gate with more than five questions waiting, and leaves the others alone", async () => {
    const { queue, asked, flooded } = slowPerson();
    const other = queue.request(question("b", "0"), notSettled, never);
    const many = Array.from({ length: 5 }, (_, index) =>
      queue.request(question("a", String(index)), notSettled, never),
    );
    const outcomes = Promise.allSettled(many);
    await assert.rejects(queue.request(question("a", "6"), notSettled, never), { code: "locked" });
    for (const outcome of await outcomes) assert.equal(outcome.status, "rejected");
    assert.deepEqual(flooded, ["a"]);
    asked[0]?.answer("once");
    assert.equal(await other, "once");
  });

  it("locks a gate after three refusals or cancellations within a minute", async () => {
    const { queue, asked, flooded, pass } = slowPerson();
    for (let index = 0; index < 2; index++) {
      const refused = queue.request(question("a", String(index)), notSettled, never);
      await settled();
      asked[index]?.answer("deny");
      await assert.rejects(refused, { code: "denied" });
    }
    assert.deepEqual(flooded, []);
    pass(30_000);
    const gone = new AbortController();
    const third = queue.request(question("a", "3"), notSettled, gone.signal);
    await settled();
    gone.abort(new PosternError("cancelled", "Cancelled."));
    await assert.rejects(third, PosternError);
    assert.deepEqual(flooded, ["a"]);
  });

  it("counts a question that ends with the lock neither as a refusal nor as another flood", async () => {
    const { queue, asked, flooded, lock } = slowPerson();
    const questions = ["1", "2", "3", "4", "5"].map((entry) =>
      queue.request(question("a", entry), notSettled, lock.signal),
    );
    const outcomes = Promise.allSettled(questions);
    await assert.rejects(queue.request(question("a", "6"), notSettled, lock.signal), { code: "locked" });
    await outcomes;
    assert.deepEqual(flooded, ["a"]);
    // Unlocked, it may be told no twice before it is locked again.
    for (const entry of ["1", "2"]) {
      const refused = queue.request(question("a", entry), notSettled, never);
      await settled();
      asked.at(-1)?.answer("deny");
      await assert.rejects(refused, { code: "denied" });
    }
    assert.deepEqual(flooded, ["a"]);
  });

  it("does not take a lock by the person for cancellations by the browser", async () => {
    const { queue, flooded, lock } = slowPerson();
    const questions = ["1", "2", "3"].map((entry) => queue.request(question("a", entry), notSettled, lock.signal));
    const outcomes = Promise.allSettled(questions);
    lock.abort(new PosternError("locked", "Locked."));
    await outcomes;
    assert.deepEqual(flooded, []);
  });

  it("fails a question that the agent can not put, and goes on", async () => {
    let isThere = false;
    const queue = createConsentQueue({
      ask: async () => {
        if (!isThere) throw new PosternError("no_consent_agent", "Nobody.");
        return "once";
      },
      onFlood: () => undefined,
      now: () => 0,
    });
    await assert.rejects(queue.request(question("a", "1"), notSettled, never), { code: "no_consent_agent" });
    isThere = true;
    assert.equal(await queue.request(question("a", "1"), notSettled, never), "once");
  });
});
