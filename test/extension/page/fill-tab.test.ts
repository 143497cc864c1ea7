import assert from "node:assert/strict";
import { PosternError } from "#protocol/error.ts";
import { parseOrigin } from "#protocol/origin.ts";
import { fillBest } from "#extension/page/fill-best.ts";
import { fillTab } from "#extension/page/fill-tab.ts";
import { type FakeTab, ORIGIN, fakeTab, frame } from "./fake-tab.ts";
import { type FakeVault, fakeVault } from "./fake-vault.ts";

const choice = { handle: "handle", label: "example.com/alice" };
const { signal } = new AbortController();

describe("filling a tab", () => {
  let tab: FakeTab;
  let broker: FakeVault;
  beforeEach(() => {
    tab = fakeTab();
    broker = fakeVault();
  });

  it("asks for the fields that the form has and sends them to its frame and document alone", async () => {
    tab.frames = [frame(0), frame(7, { wants: ["password"], score: 10 }), frame(3, { wants: ["username"], score: 5 })];
    broker.onGet = () => Promise.resolve({ password: "secret" });
    await fill();
    assert.deepEqual(broker.asked, [{ handle: "handle", origin: ORIGIN, fields: ["password"] }]);
    const order = {
      type: "write",
      document: "document-7",
      origin: ORIGIN,
      site: "example.com",
      values: { password: "secret" },
    };
    assert.deepEqual(tab.written, [{ frame: 7, order }]);
  });

  it("sends a one-time code as its digits", async () => {
    tab.frames = [frame(0, { wants: ["otp"], score: 1 })];
    tab.onWrite = () => ({ filled: ["otp"], notes: [], refused: false });
    broker.onGet = () => Promise.resolve({ otp: { code: "123456", validUntil: 1 }, custom: { note: "x" } });
    assert.deepEqual(await fill(), ["otp"]);
    assert.deepEqual(tab.written[0]?.order.values, { otp: "123456" });
  });

  it("asks nobody when the page is no longer the one that was looked at", async () => {
    tab.address = "https://example.org/";
    tab.frames = [frame(0, { origin: "https://example.org", wants: ["password"], score: 1 })];
    await assert.rejects(fill(), { code: "origin_mismatch" });
    assert.deepEqual(broker.asked, []);
  });

  it("believes neither address nor frame without the other", async () => {
    tab.address = "https://example.com.evil.example/";
    await assert.rejects(fill(), { message: "Postern can not work on this page." });
    tab.address = ORIGIN;
    tab.frames = [frame(0, { origin: "null", wants: ["password"], score: 1 })];
    await assert.rejects(fill(), { message: "Postern can not work on this page." });
    assert.deepEqual(broker.asked, []);
  });

  it("works on web pages alone", async () => {
    for (const address of [
      undefined,
      "about:blank",
      "file:///etc/passwd",
      "moz-extension://1/popup.html",
      "ftp://example.com/",
    ]) {
      tab.address = address;
      await assert.rejects(fill(), { message: "Postern can not work on this page." }, address);
    }
    tab.address = ORIGIN;
    tab.frames = [];
    await assert.rejects(fill(), { message: "Postern can not work on this page." });
  });

  it("leaves frames of other origins alone, and those that such a frame holds", async () => {
    tab.frames = [
      frame(0, { holdsForeignFrame: true }),
      frame(1, { origin: "https://evil.example", wants: ["password"], score: 200 }),
      frame(2, { origin: "null", wants: ["password"], score: 200 }),
      frame(3, { amongItsOwn: false, wants: ["password"], score: 200 }),
    ];
    await assert.rejects(fill(), {
      message: "There is no login form on this page.",
      hint: "It may be in a frame of another site. Such frames are not filled.",
    });
    assert.deepEqual(broker.asked, []);
    assert.deepEqual(tab.written, []);
  });

  it("says so when the frame refused, or went while the person was asked", async () => {
    tab.onWrite = () => ({ filled: [], notes: [], refused: true });
    await assert.rejects(fill(), { code: "origin_mismatch" });
    tab.onWrite = () => {
      throw new Error("Could not establish connection. Receiving end does not exist.");
    };
    await assert.rejects(fill(), { code: "origin_mismatch", message: "The page changed, and was not filled." });
  });

  it("sends nothing after it was cancelled", async () => {
    const controller = new AbortController();
    broker.onGet = () => {
      controller.abort(new PosternError("cancelled", "Enough."));
      return Promise.resolve({ password: "secret" });
    };
    await assert.rejects(fill(controller.signal), { code: "cancelled" });
    assert.deepEqual(tab.written, []);
  });

  it("tells what was left out", async () => {
    const note = "A field takes fewer characters than the login has.";
    tab.onWrite = () => ({ filled: ["username"], notes: [note], refused: false });
    await assert.rejects(fill(), { message: note, hint: "The rest is filled." });
    tab.onWrite = () => ({ filled: [], notes: [], refused: false });
    await assert.rejects(fill(), { hint: "Nothing is filled." });
    broker.onGet = () => Promise.resolve({});
    await assert.rejects(fill(), { code: "entry_invalid" });
  });

  it("hands on the broker's refusal", async () => {
    broker.onGet = () => Promise.reject(new PosternError("denied", "The request was refused."));
    await assert.rejects(fill(), { code: "denied" });
    assert.deepEqual(tab.written, []);
  });

  it("fills the broker's first by the keys", async () => {
    assert.deepEqual(await fillBest({ vault: broker.vault, tabs: tab.tabs }, 1, signal), ["username", "password"]);
    assert.equal(broker.asked[0]?.handle, "handle of example.com/alice");
  });

  it("says so when there is no login for the site", async () => {
    broker.labels = [];
    await assert.rejects(fillBest({ vault: broker.vault, tabs: tab.tabs }, 1, signal), {
      message: "There is no login for https://example.com.",
    });
  });

  function fill(until = signal): ReturnType<typeof fillTab> {
    const what = { tab: 1, choice, origin: parseOrigin(ORIGIN) };
    return fillTab({ vault: broker.vault, tabs: tab.tabs }, what, until);
  }
});
