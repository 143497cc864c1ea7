import assert from "node:assert/strict";
import { connectMarionette } from "#container/marionette-connect.ts";
import type { Marionette } from "#container/marionette.ts";
import { ADDON_ID } from "#protocol/names.ts";
import { type Running, runBrowser } from "#test/container/running.ts";
import { assertShutIn } from "#test/harness/content-processes.ts";

describe("attack 40: Firefox without a part of its own sandbox", () => {
  let running: Running;
  let browser: Marionette;
  before(async function () {
    this.timeout(300_000);
    running = await runBrowser({ isIdle: false });
    browser = await connectMarionette(running.engine, running.container, AbortSignal.timeout(120_000));
    await browser.setContext("chrome");
  });
  after(async () => {
    await browser[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
  });

  it("has its own sandbox at the full level, with user namespaces", async () => {
    const sandbox = await browser.run(`return ChromeUtils.importESModule("resource://gre/modules/Troubleshoot.sys.mjs")
      .Troubleshoot.snapshot().then(({ sandbox }) => sandbox)`);
    assert.ok(typeof sandbox === "object" && sandbox !== null);
    const { hasSeccompBPF, hasSeccompTSync, hasUserNamespaces, canSandboxContent } = Object(sandbox);
    assert.deepEqual(
      { hasSeccompBPF, hasSeccompTSync, hasUserNamespaces, canSandboxContent },
      { hasSeccompBPF: true, hasSeccompTSync: true, hasUserNamespaces: true, canSandboxContent: true },
    );
    const { contentSandboxLevel, effectiveContentSandboxLevel } = Object(sandbox);
    assert.equal(effectiveContentSandboxLevel, contentSandboxLevel);
    assert.ok(contentSandboxLevel >= 6, String(contentSandboxLevel));
  });

  it("gives content processes an empty root and a user namespace of their own", async () => {
    await assertShutIn(async (line) => (await running.sh(line)).stdout);
  });

  it("has the extension at its first start, with signatures enforced, its button in the toolbar", async () => {
    const found = await browser.run(
      `const [id] = arguments;
       const place = CustomizableUI.getPlacementOfWidget("_postern-browser-action");
       return [WebExtensionPolicy.getByID(id)?.active, Services.prefs.getBoolPref("xpinstall.signatures.required"),
         place?.area]`,
      ADDON_ID,
    );
    assert.deepEqual(found, [true, true, "nav-bar"]);
  });

  it("is under its policies: no password manager of its own, no telemetry", async () => {
    const settings = await browser.run(`return [Services.policies.status === Services.policies.ACTIVE,
      Services.policies.getActivePolicies().PasswordManagerEnabled, Services.prefs.getBoolPref("signon.rememberSignons"),
      Services.prefs.getBoolPref("datareporting.healthreport.uploadEnabled")]`);
    assert.deepEqual(settings, [true, false, false, false]);
  });

  it("shows one tab, and no page of a first run", async () => {
    assert.equal((await browser.windowHandles()).length, 1);
    const pages = `return [...Services.wm.getEnumerator("navigator:browser")]
      .flatMap(({ gBrowser }) => gBrowser.browsers.map(({ currentURI }) => currentURI.spec)).join()`;
    assert.equal(await browser.run(pages), "about:blank");
  });

  it("tells of a page that can not be opened", async () => {
    await browser.setContext("content");
    await assert.rejects(browser.navigate("http://localhost:1/"), { code: "internal" });
  });
});
