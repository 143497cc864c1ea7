import assert from "node:assert/strict";
import { type FillingFirefox, PASSWORD, USER, startFillingFirefox } from "#test/harness/filling-firefox.ts";

const FORM = `<form><input name=login autocomplete=username><input type=password autocomplete=current-password></form>
  <button id=bait type=button style="position:fixed;left:0;top:120px;width:400px;height:200px">Play</button>`;
/** Counts what anybody but the page puts into it, and what its own clicks come to. */
const WATCH = `<script>
  window.added = []; window.clicks = 0;
  document.addEventListener("click", () => (window.clicks += 1), true);
  addEventListener("load", () => new MutationObserver((changes) => changes.forEach((change) => change.addedNodes.forEach((node) => window.added.push(node.nodeName))))
    .observe(document, { subtree: true, childList: true }));
</script>`;
const MOVE = `<script>addEventListener("mousemove", ({ clientX, clientY }) => { bait.style.left = clientX - 9 + "px"; bait.style.top = clientY - 9 + "px"; });</script>`;

/** What other extensions' lists were clicked through. */
const PAGES: Record<string, string> = {
  "opacity on the root": "<style>html{opacity:.01}</style>",
  "opacity on the body": "<style>body{opacity:.01}</style>",
  "opacity on all that comes later": "<style>html>:not(body),body>:not(form,button){opacity:.01}</style>",
  "an overlay that lets clicks through": `<div style="position:fixed;inset:0;pointer-events:none;background:white;z-index:2147483647"></div>`,
  "a popover on top": `<div popover=manual id=p style="pointer-events:none;background:white">Win!</div><script>p.showPopover()</script>`,
  "a dialog on top": `<dialog id=d style="pointer-events:none;opacity:.01">Win!</dialog><script>d.show()</script>`,
  "a target that moves": MOVE,
  "a field under the pointer": `<style>input{position:fixed;left:0;top:120px;width:400px;height:200px}</style>`,
};

describe("attack 33: clicks that a page leads onto something of the extension's", function () {
  this.timeout(240_000);
  let firefox: FillingFirefox;
  before(async () => {
    firefox = await startFillingFirefox(
      Object.fromEntries([
        ["/plain", FORM + WATCH],
        ...Object.entries(PAGES).map(([name, html]) => [`/${encodeURIComponent(name)}`, FORM + WATCH + html]),
      ]),
    );
  });
  after(() => firefox[Symbol.asyncDispose]());

  it("finds nothing of it in a page, not after a fill either", async () => {
    const { fields } = await firefox.fill("/plain");
    assert.deepEqual(fields, [USER, PASSWORD]);
    assert.deepEqual(await firefox.browser.run("return window.added"), []);
  });

  for (const name of Object.keys(PAGES)) {
    it(`${name}: a person's own clicks fill nothing, and nobody is asked`, async () => {
      const { browser, broker, origin } = firefox;
      const asked = broker.questions.length;
      await browser.open(`${origin}/${encodeURIComponent(name)}`);
      for (let times = 0; times < 10; times++) await browser.clickAt(20 + 30 * times, 140 + 10 * times);
      assert.ok(Number(await browser.run("return window.clicks")) >= 5);
      assert.deepEqual(await browser.fields(), ["", ""]);
      assert.deepEqual(await browser.run("return window.added"), []);
      assert.equal(broker.questions.length, asked);
    });
  }
});
