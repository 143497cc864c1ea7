import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type FillingFirefox, PASSWORD, USER, startFillingFirefox } from "#test/harness/filling-firefox.ts";

const FORM = `<form><input name=login autocomplete=username><input type=password autocomplete=current-password></form>`;
/** All that a page's script may try, again and again; what it is told is kept in `heard`. */
const ATTACK = `<script>
  window.heard = [];
  const keep = (what) => window.heard.push(JSON.stringify(what)?.slice(0, 200));
  const orders = [{ type: "look", site: "localhost" }, { type: "fill" }, { type: "find" }, { type: "state" },
    { type: "write", document: "1", origin: location.origin, site: "localhost", values: { password: "x" } }];
  addEventListener("message", ({ data }) => { if (data !== undefined && !orders.some((order) => JSON.stringify(order) === JSON.stringify(data))) keep(data); });
  function attack() {
    for (const api of [window.browser, window.chrome]) {
      for (const id of ["@postern", undefined]) for (const order of orders) {
        try { api?.runtime?.sendMessage?.(id, order)?.then?.((told) => told === undefined || keep(told), () => {}); } catch {}
        try { if (api?.runtime?.connectNative?.("io.github.postern")) keep("native"); } catch {}
      }
    }
    for (const order of orders) {
      postMessage(order, "*");
      for (const name of ["postern", "message", "io.github.postern"]) {
        document.dispatchEvent(new CustomEvent(name, { detail: order, bubbles: true }));
        window.dispatchEvent(new MessageEvent(name, { data: order }));
      }
    }
    for (const type of ["keydown", "keypress", "keyup"]) {
      const keys = { key: "F", code: "KeyF", ctrlKey: true, shiftKey: true, bubbles: true, composed: true };
      document.querySelector("input").dispatchEvent(new KeyboardEvent(type, keys));
    }
    for (const input of document.querySelectorAll("input")) { input.focus(); input.click(); }
    if (Reflect.has(globalThis, Symbol.for("io.github.postern"))) keep("its mark");
  }
  setInterval(attack, 50);
</script>`;

describe("attack 32: a page's script starts a fill, reads what there is, or speaks with the extension", function () {
  this.timeout(240_000);
  let firefox: FillingFirefox;
  before(async () => {
    firefox = await startFillingFirefox({ "/attack": FORM + ATTACK });
  });
  after(() => firefox[Symbol.asyncDispose]());

  it("has nothing that it could reach: no resource of the extension's, no address that it listens on", async () => {
    for (const browser of ["firefox", "chromium"]) {
      const path = join(import.meta.dirname, `../../dist/extension/${browser}/manifest.json`);
      const manifest: Record<string, unknown> = JSON.parse(await readFile(path, "utf8"));
      assert.equal(manifest.web_accessible_resources, undefined);
      assert.equal(manifest.content_scripts, undefined);
      assert.deepEqual(manifest.externally_connectable, browser === "chromium" ? { ids: [] } : undefined);
    }
  });

  it("is told nothing and fills nothing, before the extension has come to the page and after", async () => {
    const { browser, broker, origin } = firefox;
    await browser.open(`${origin}/attack`);
    await browser.run("return new Promise((done) => setTimeout(done, 2000))");
    assert.deepEqual(await browser.fields(), ["", ""]);
    assert.deepEqual(await browser.run("return window.heard"), []);
    assert.deepEqual([broker.questions.length, (await broker.log().catch(() => [])).length], [0, 0]);
    // The person does it, so that there is something to be reached; then nothing more happens.
    const { complaint, fields } = await firefox.fill("/attack");
    assert.deepEqual({ complaint, fields }, { complaint: undefined, fields: [USER, PASSWORD] });
    const asked = broker.questions.length;
    const logged = (await broker.log()).length;
    await browser.run("return new Promise((done) => setTimeout(done, 2000))");
    assert.deepEqual(await browser.run("return window.heard"), []);
    assert.deepEqual([broker.questions.length, (await broker.log()).length], [asked, logged]);
  });
});
