import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { type Prompt, askFairly, createFairness } from "#consent/person.ts";
import type { FillQuestion } from "#protocol/generated/consent.ts";

const QUESTION: FillQuestion = {
  kind: "fill",
  gate: "test",
  origin: "https://example.com",
  registrableDomain: "example.com",
  entry: "example.com",
  site: "example.com",
  match: "exact",
  fields: ["password"],
  minutes: 15,
};
const never = new AbortController().signal;

describe("a fair prompt", function () {
  this.timeout(20_000);

  it("does not count a yes that nobody can have read first, and asks again", async () => {
    let asked = 0;
    const ask = askFairly(async () => {
      asked += 1;
      return { answer: "once", shownFor: asked === 1 ? 699 : 700 };
    }, createFairness());
    assert.equal(await ask(QUESTION, never), "once");
    assert.equal(asked, 2);
  });

  it("takes three hasty answers for no, with a second between two prompts of the same question", async () => {
    const askedAt: number[] = [];
    const ask = askFairly(async () => {
      askedAt.push(performance.now());
      return { answer: "session", shownFor: 0 };
    }, createFairness());
    assert.equal(await ask(QUESTION, never), "deny");
    const [first = 0, second = 0, third = 0, ...more] = askedAt;
    assert.ok(second - first >= 990 && third - second >= 990, askedAt.join(", "));
    assert.deepEqual(more, []);
  });

  it("is not put again when the question is withdrawn after a hasty answer", async () => {
    const gone = new AbortController();
    let asked = 0;
    const ask = askFairly(async () => {
      asked += 1;
      setImmediate(() => gone.abort(new Error("withdrawn")));
      return { answer: "once", shownFor: 0 };
    }, createFairness());
    await assert.rejects(ask(QUESTION, gone.signal), /withdrawn/);
    assert.equal(asked, 1);
  });

  it("counts a hasty no", async () => {
    assert.equal(
      await askFairly(async () => ({ answer: "deny", shownFor: 0 }), createFairness())(QUESTION, never),
      "deny",
    );
  });

  it("puts one question at a time, with a second between two", async () => {
    const spans: { from: number; to: number }[] = [];
    const slow: Prompt = async () => {
      const from = performance.now();
      await wait(800);
      spans.push({ from, to: performance.now() });
      return { answer: "once", shownFor: 800 };
    };
    const ask = askFairly(slow, createFairness());
    await Promise.all([ask(QUESTION, never), ask(QUESTION, never)]);
    const [first, second] = spans;
    assert.ok(first !== undefined && second !== undefined);
    assert.ok(second.from - first.to >= 990, `${second.from - first.to} ms between`);
  });

  it("does not put a question that was withdrawn while it waited", async () => {
    let asked = 0;
    const ask = askFairly(async () => {
      asked += 1;
      await wait(800);
      return { answer: "once", shownFor: 800 };
    }, createFairness());
    const gone = new AbortController();
    const first = ask(QUESTION, never);
    const second = ask(QUESTION, gone.signal);
    gone.abort(new Error("withdrawn"));
    await assert.rejects(second, /withdrawn/);
    assert.equal(await first, "once");
    assert.equal(asked, 1);
  });
});
