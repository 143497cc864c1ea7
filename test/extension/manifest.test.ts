import assert from "node:assert/strict";
import { manifestFor } from "#extension/manifest.ts";

describe("the extension's manifest", () => {
  for (const browser of ["firefox", "chromium"] as const) {
    const manifest = new Map(Object.entries(manifestFor(browser, "1.2.3")));

    it(`asks ${browser} for these permissions and no other`, () => {
      assert.deepEqual(manifest.get("permissions"), ["activeTab", "nativeMessaging", "scripting"]);
      for (const key of ["host_permissions", "optional_permissions", "optional_host_permissions", "content_scripts"]) {
        assert(!manifest.has(key), key);
      }
    });

    it(`gives pages nothing to reach in ${browser}`, () => {
      assert(!manifest.has("web_accessible_resources"));
      const connectable: unknown = manifest.get("externally_connectable");
      // Without the key Firefox lets nobody in, and Chromium every other extension.
      assert.deepEqual(connectable, browser === "firefox" ? undefined : { ids: [] });
    });

    it(`runs no code but its own in ${browser}`, () => {
      const policies: unknown = manifest.get("content_security_policy");
      assert.deepEqual(policies, {
        extension_pages:
          "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; " +
          "form-action 'none'; frame-ancestors 'none'",
      });
    });
  }

  it("has the background and the name that each browser wants", () => {
    const firefox = new Map(Object.entries(manifestFor("firefox", "1.2.3")));
    const chromium = new Map(Object.entries(manifestFor("chromium", "1.2.3")));
    assert.deepEqual(firefox.get("background"), { scripts: ["background.js"] });
    assert.deepEqual(chromium.get("background"), { service_worker: "background.js" });
    assert.deepEqual(firefox.get("browser_specific_settings"), {
      gecko: { id: "@postern", strict_min_version: "142.0", data_collection_permissions: { required: ["none"] } },
    });
    assert(!chromium.has("browser_specific_settings"));
    assert.equal(firefox.get("version"), "1.2.3");
  });
});
