import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { vaultSettings } from "#bench/served-store.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("the broker that is measured", () => {
  it("has the settings of Node and malloc that it has in the vault, and as a service", async () => {
    const { options, environment } = await vaultSettings(join(ROOT, "dist"));
    assert.ok(options.length > 0 && options.every((option) => option.startsWith("--")));
    assert.deepEqual(environment, { MALLOC_ARENA_MAX: "1" });
    const service = await readFile(join(ROOT, "manifests/systemd/postern-broker.service"), "utf8");
    const [, found] = /^ExecStart=\S+\/node (.*) \S+\/postern-broker\.cjs /m.exec(service) ?? [];
    assert.equal(found, options.join(" "));
    for (const [name, value] of Object.entries(environment)) {
      assert.match(service, new RegExp(`^Environment=${name}=${value}$`, "m"));
    }
  });
});
