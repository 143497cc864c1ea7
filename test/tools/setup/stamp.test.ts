import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stampFits, treeDigest, writeStamp } from "#tools/setup/stamp.js";
import { temporaryDirectory } from "../../harness/temporary.ts";

describe("the build's stamp", () => {
  let project: Awaited<ReturnType<typeof temporaryDirectory>>;
  let dist: string;
  beforeEach(async () => {
    project = await temporaryDirectory();
    for (const folder of ["cli", "container", "extension", "host-bridge/protocol", "manifests", "tools", "dist"]) {
      await mkdir(join(project.path, folder), { recursive: true });
    }
    await writeFile(join(project.path, "package-lock.json"), "{}");
    await writeFile(join(project.path, "cli/main.ts"), "one");
    dist = join(project.path, "dist");
    await writeFile(join(dist, "postern.cjs"), "made");
    writeStamp(dist, treeDigest(project.path));
  });
  afterEach(() => project[Symbol.asyncDispose]());

  const fits = (): boolean => stampFits(dist, treeDigest(project.path));

  it("fits what was just built", () => {
    assert.ok(fits());
  });

  for (const [change, path] of [
    ["a source changed", "cli/main.ts"],
    ["a source was added", "extension/new.ts"],
    ["other packages were locked", "package-lock.json"],
  ] as const) {
    it(`does not when ${change}`, async () => {
      await writeFile(join(project.path, path), "two");
      assert.ok(!fits());
    });
  }

  it("does not when a source or a bundle is gone", async () => {
    await rm(join(dist, "postern.cjs"));
    assert.ok(!fits());
    await writeFile(join(dist, "postern.cjs"), "made");
    assert.ok(fits());
    await rm(join(project.path, "cli/main.ts"));
    assert.ok(!fits());
  });

  it("takes no notice of what is generated", async () => {
    await mkdir(join(project.path, "host-bridge/protocol/generated"));
    await writeFile(join(project.path, "host-bridge/protocol/generated/bridge.ts"), "made");
    assert.ok(fits());
  });

  it("is absent from a folder that was never built", async () => {
    await rm(dist, { recursive: true });
    assert.ok(!fits());
  });
});
