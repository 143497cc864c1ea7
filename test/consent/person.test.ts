import assert from "node:assert/strict";
import { setTimeout as wait } from "node:timers/promises";
import { type AskPerson, askFairly } from "#consent/person.ts";
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
      if (asked > 1) await wait(750);
      return "once";
    });
    assert.equal(await ask(QUESTION, never), "once");
    assert.equal(asked, 2);
  });

  it("takes three hasty answers for no", async () => {
    let asked = 0;
    const ask = askFairly(async () => {
      asked += 1;
      return "session";
    });
    assert.equal(await ask(QUESTION, never), "deny");
    assert.equal(asked, 3);
  });

  it("counts a hasty no", async () => {
    assert.equal(await askFairly(async () => "deny")(QUESTION, never), "deny");
  });

  it("puts one question at a time, with a second between two", async () => {
    const spans: { from: number; to: number }[] = [];
    const slow: AskPerson = async () => {
      const from = performance.now();
      await wait(800);
      spans.push({ from, to: performance.now() });
      return "once";
    };
    const ask = askFairly(slow);
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
      return "once";
    });
    const gone = new AbortController();
    const first = ask(QUESTION, never);
    const second = ask(QUESTION, gone.signal);
    gone.abort(new Error("withdrawn"));
    await assert.rejects(second, /withdrawn/);
    assert.equal(await first, "once");
    assert.equal(asked, 1);
  });
});
