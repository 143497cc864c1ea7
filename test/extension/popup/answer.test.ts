import assert from "node:assert/strict";
import { PosternError } from "#protocol/error.ts";
import { parseOrigin } from "#protocol/origin.ts";
import { createFillJobs } from "#extension/page/fill-jobs.ts";
import { type Means, answerPopup } from "#extension/popup/answer.ts";
import { parsePopupOrder } from "#extension/popup/orders.ts";
import { type FakeTab, ORIGIN, fakeTab, frame } from "../page/fake-tab.ts";
import { type FakeVault, fakeVault } from "../page/fake-vault.ts";

const TAB = 1;
const fillOrder = {
  type: "fill",
  tab: TAB,
  choice: { handle: "handle", label: "example.com/alice" },
  origin: parseOrigin(ORIGIN),
} as const;

describe("what the popup is answered", () => {
  let tab: FakeTab;
  let broker: FakeVault;
  let means: Means;
  beforeEach(() => {
    tab = fakeTab();
    broker = fakeVault();
    means = {
      vault: broker.vault,
      tabs: tab.tabs,
      jobs: createFillJobs({ show: () => undefined, showsProblem: () => Promise.resolve(true) }),
    };
  });

  it("the entries of the page's origin, asking for no secret", async () => {
    const view = await answerPopup(means, { type: "view", tab: TAB });
    assert.partialDeepStrictEqual(view, { shows: "entries", origin: ORIGIN, truncated: false });
    assert.deepEqual(broker.asked, []);
  });

  it("why there is nothing to show", async () => {
    tab.frames = [frame(0, { origin: "null" })];
    const view = await answerPopup(means, { type: "view", tab: TAB });
    assert.partialDeepStrictEqual(view, {
      shows: "problem",
      problem: { message: "Postern can not work on this page." },
    });
  });

  it("that the gate is locked", async () => {
    means.vault.find = () => Promise.reject(new PosternError("locked", "Locked."));
    assert.deepEqual(await answerPopup(means, { type: "view", tab: TAB }), { shows: "locked" });
    assert.deepEqual(await answerPopup(means, { type: "lock", tab: TAB }), { shows: "locked" });
  });

  it("the fill that is running, and how it ends", async () => {
    const approval = Promise.withResolvers<{ password: string }>();
    broker.onGet = () => approval.promise;
    const filled = answerPopup(means, fillOrder);
    assert.deepEqual(await answerPopup(means, { type: "view", tab: TAB }), {
      shows: "waiting",
      label: "example.com/alice",
    });
    const outcome = answerPopup(means, { type: "outcome", tab: TAB });
    approval.resolve({ password: "secret" });
    assert.deepEqual(await outcome, { filled: ["username", "password"] });
    assert.deepEqual(await filled, await outcome);
    assert.equal(await answerPopup(means, { type: "outcome", tab: TAB }), undefined);
  });

  it("what went wrong, once, above the entries", async () => {
    broker.onGet = () => Promise.reject(new PosternError("denied", "No."));
    const problem = { code: "denied", message: "No." };
    assert.deepEqual(await answerPopup(means, fillOrder), { problem });
    const first = await answerPopup(means, { type: "view", tab: TAB });
    assert.partialDeepStrictEqual(first, { shows: "entries", problem });
    const second = await answerPopup(means, { type: "view", tab: TAB });
    assert(second !== undefined && !("problem" in second));
  });

  it("what went wrong also when the entries could not be shown the first time", async () => {
    broker.onGet = () => Promise.reject(new PosternError("denied", "No."));
    await answerPopup(means, fillOrder);
    const { find } = means.vault;
    means.vault.find = () => Promise.reject(new PosternError("no_broker", "Gone."));
    assert.partialDeepStrictEqual(await answerPopup(means, { type: "view", tab: TAB }), { shows: "problem" });
    means.vault.find = find;
    const view = await answerPopup(means, { type: "view", tab: TAB });
    assert.partialDeepStrictEqual(view, { shows: "entries", problem: { code: "denied", message: "No." } });
  });

  it("that one login is being filled, and not that this were the other one", async () => {
    const approval = Promise.withResolvers<{ password: string }>();
    broker.onGet = () => approval.promise;
    const first = answerPopup(means, fillOrder);
    const second = { ...fillOrder, choice: { handle: "other", label: "example.com/bob" } };
    assert.partialDeepStrictEqual(await answerPopup(means, second), { problem: { code: "busy" } });
    approval.resolve({ password: "secret" });
    assert.deepEqual(await first, { filled: ["username", "password"] });
  });

  it("the list again after a cancel", async () => {
    broker.onGet = (_what, signal) => {
      signal.throwIfAborted();
      const { promise, reject } = Promise.withResolvers<never>();
      signal.addEventListener("abort", () => reject(signal.reason));
      return promise;
    };
    const outcome = answerPopup(means, fillOrder);
    await answerPopup(means, { type: "view", tab: TAB });
    await answerPopup(means, { type: "cancel", tab: TAB });
    assert.partialDeepStrictEqual(await outcome, { problem: { code: "cancelled" } });
    assert.partialDeepStrictEqual(await answerPopup(means, { type: "view", tab: TAB }), { shows: "entries" });
  });

  it("how filling another entry, chosen outside the browser, ends", async () => {
    const pick = { type: "pick", tab: TAB, origin: parseOrigin(ORIGIN) } as const;
    assert.deepEqual(await answerPopup(means, pick), { filled: ["username", "password"] });
    assert.deepEqual(
      broker.asked.map(({ handle, origin }) => [handle, origin]),
      [["handle of picked", ORIGIN]],
    );
    const problem = { code: "no_consent_agent", message: "There is no program.", hint: "Install one." };
    means.vault.pick = () => Promise.reject(new PosternError("no_consent_agent", problem.message, problem.hint));
    assert.deepEqual(await answerPopup(means, pick), { problem });
    const view = await answerPopup(means, { type: "view", tab: TAB });
    assert.partialDeepStrictEqual(view, { shows: "entries", problem });
  });

  it("nothing that holds a value of a login", async () => {
    const answers = [await answerPopup(means, fillOrder), await answerPopup(means, { type: "view", tab: TAB })];
    assert(!JSON.stringify(answers).includes("secret"));
  });
});

describe("the popup's orders", () => {
  it("are taken apart into what they claim to be", () => {
    assert.deepEqual(parsePopupOrder({ type: "view", tab: 1, path: "x" }), { type: "view", tab: 1 });
    assert.deepEqual(parsePopupOrder({ ...fillOrder, extra: 1 }), fillOrder);
    const pick = { type: "pick", tab: 1, origin: ORIGIN } as const;
    assert.deepEqual(parsePopupOrder({ ...pick, choice: {} }), pick);
  });

  it("are refused when they are none", () => {
    const wrong = [
      undefined,
      "view",
      { type: "view" },
      { type: "read", tab: 1 },
      { ...fillOrder, choice: undefined },
      { ...fillOrder, choice: { handle: 1, label: "x" } },
      { ...fillOrder, origin: "https://example.com/" },
      { type: "pick", tab: 1 },
      { ...fillOrder, origin: "moz-extension://1" },
    ];
    for (const order of wrong) assert.throws(() => parsePopupOrder(order));
  });
});
