import assert from "node:assert/strict";
import { nativeManifest } from "#manifests/native-manifest.ts";

describe("the native messaging manifest", () => {
  it("lets our extension start the program, and no other", () => {
    assert.deepEqual(nativeManifest("/usr/libexec/postern/postern-host"), {
      name: "io.github.postern",
      description: "Postern: passwords from your pass store, one approved login at a time",
      path: "/usr/libexec/postern/postern-host",
      type: "stdio",
      allowed_extensions: ["@postern"],
    });
  });
});
