import assert from "node:assert/strict";
import { createHash, createPublicKey } from "node:crypto";
import { manifestFor } from "#extension/manifest.ts";
import { chromiumId, nativeManifest } from "#manifests/native-manifest.ts";
import { CHROMIUM_KEY } from "#protocol/names.ts";

const ID = "pahgncmcbbnhefieokknddebmlopkcpe";

describe("the native messaging manifest", () => {
  const common = {
    name: "io.github.postern",
    description: "Postern: passwords from your pass store, one approved login at a time",
    path: "/usr/libexec/postern/postern-host",
    type: "stdio",
  };

  it("lets our extension start the program, and no other, in Firefox and in Chromium", () => {
    assert.deepEqual(nativeManifest("firefox", common.path), { ...common, allowed_extensions: ["@postern"] });
    const allowed_origins = [`chrome-extension://${ID}/`];
    assert.deepEqual(nativeManifest("chromium", common.path), { ...common, allowed_origins });
  });

  it("names the id that Chromium derives from the key in the extension's manifest", () => {
    assert.equal(new Map(Object.entries(manifestFor("chromium", "1.2.3"))).get("key"), CHROMIUM_KEY);
    assert.equal(new Map(Object.entries(manifestFor("firefox", "1.2.3"))).has("key"), false);
    const key = createPublicKey({ key: Buffer.from(CHROMIUM_KEY, "base64"), format: "der", type: "spki" });
    assert.deepEqual([key.asymmetricKeyType, key.asymmetricKeyDetails?.modulusLength], ["rsa", 2048]);
    const digest = createHash("sha256")
      .update(key.export({ format: "der", type: "spki" }))
      .digest();
    const digits = [...digest.subarray(0, 16)].flatMap((byte) => [byte >> 4, byte & 15]);
    assert.equal(digits.map((digit) => "abcdefghijklmnop"[digit]).join(""), ID);
    assert.equal(chromiumId(CHROMIUM_KEY), ID);
  });
});
