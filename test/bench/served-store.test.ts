import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { vaultOptions } from "#bench/served-store.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("the broker that is measured", () => {
  it("has the options of Node that it has in the vault, and as a service", async () => {
    const options = await vaultOptions(join(ROOT, "dist"));
    assert.ok(options.length > 0 && options.every((option) => option.startsWith("--")));
    const service = await readFile(join(ROOT, "manifests/systemd/postern-broker.service"), "utf8");
    const [, found] = /^ExecStart=\S+\/node (.*) \S+\/postern-broker\.cjs /m.exec(service) ?? [];
    assert.equal(found, options.join(" "));
  });
});
