import assert from "node:assert/strict";
import { PosternError } from "#protocol/error.ts";
import { type Sign, createFillJobs } from "#extension/page/fill-jobs.ts";

describe("fills of the tabs", () => {
  it("show that they wait and that they are done", async () => {
    const { jobs, signs } = setUp();
    const outcome = jobs.start(1, "alice", () => Promise.resolve(["password"]));
    assert.equal(jobs.running(1)?.label, "alice");
    assert.deepEqual(await outcome, { filled: ["password"] });
    assert.equal(jobs.running(1), undefined);
    assert.deepEqual(signs, ["1 waiting", "1 none"]);
  });

  it("run once at a time in a tab, and beside each other in several", async () => {
    const { jobs } = setUp();
    const gate = Promise.withResolvers<["otp"]>();
    let started = 0;
    const fill = (): Promise<["otp"]> => {
      started++;
      return gate.promise;
    };
    const outcomes = [jobs.start(1, "alice", fill), jobs.start(1, "bob", fill), jobs.start(2, "carol", fill)];
    assert.equal(jobs.running(1)?.label, "alice");
    gate.resolve(["otp"]);
    for (const outcome of outcomes) assert.deepEqual(await outcome, { filled: ["otp"] });
    assert.equal(started, 2);
  });

  it("leave their problem for the popup, which takes it once", async () => {
    const { jobs, signs } = setUp();
    const problem = { code: "denied", message: "No.", hint: "Ask." };
    const failing = (): Promise<never> => Promise.reject(new PosternError("denied", "No.", "Ask."));
    assert.deepEqual(await jobs.start(1, undefined, failing), { problem });
    assert.deepEqual(signs, ["1 waiting", "1 problem No."]);
    assert.equal(await jobs.takeProblem(2), undefined);
    assert.deepEqual(await jobs.takeProblem(1), problem);
    assert.equal(await jobs.takeProblem(1), undefined);
    assert.equal(signs.at(-1), "1 none");
  });

  it("keep their problem to the page it belongs to", async () => {
    const { jobs, navigate } = setUp();
    await jobs.start(1, undefined, () => Promise.reject(new PosternError("denied", "No.")));
    navigate(1);
    assert.equal(await jobs.takeProblem(1), undefined);
  });

  it("tell no detail of what was not foreseen", async () => {
    const { jobs } = setUp();
    const outcome = await jobs.start(1, undefined, () => Promise.reject(new Error("secret")));
    assert(!JSON.stringify(outcome).includes("secret"));
  });

  it("end when they are cancelled, without a problem", async () => {
    const { jobs, signs } = setUp();
    const outcome = jobs.start(1, "alice", untilAborted);
    jobs.cancel(2);
    assert(jobs.running(1));
    jobs.cancel(1);
    assert.equal("problem" in (await outcome), true);
    assert.equal(await jobs.takeProblem(1), undefined);
    assert.deepEqual(signs, ["1 waiting", "1 none"]);
  });

  it("end with their tab", async () => {
    const { jobs } = setUp();
    const outcome = jobs.start(1, "alice", untilAborted);
    jobs.forget(1);
    await outcome;
    assert.equal(jobs.running(1), undefined);
  });
});

interface SetUp {
  jobs: ReturnType<typeof createFillJobs>;
  signs: string[];
  /** As the browser does with its button when a tab goes to another page. */
  navigate(tab: number): void;
}

function setUp(): SetUp {
  const signs: string[] = [];
  const problems = new Set<number>();
  const jobs = createFillJobs({
    show: (tab, sign) => {
      signs.push(`${tab} ${inWords(sign)}`);
      if (sign.sign === "problem") problems.add(tab);
      else problems.delete(tab);
    },
    showsProblem: (tab) => Promise.resolve(problems.has(tab)),
  });
  return { jobs, signs, navigate: (tab) => problems.delete(tab) };
}

function inWords(sign: Sign): string {
  return sign.sign === "problem" ? `problem ${sign.problem.message}` : sign.sign;
}

function untilAborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason));
  return promise;
}
