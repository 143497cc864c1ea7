import assert from "node:assert/strict";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { dependenciesFit, pinnedNode } from "#tools/setup/dependencies.js";
import { temporaryDirectory } from "../../harness/temporary.ts";

const NOTE = "node_modules/.package-lock.json";
const LOCKED = {
  "": {},
  "node_modules/one": { integrity: "sha512-1" },
  "node_modules/for-another-machine": { integrity: "sha512-2", optional: true },
};

describe("installed npm packages", () => {
  let project: Awaited<ReturnType<typeof temporaryDirectory>>;
  beforeEach(async () => {
    project = await temporaryDirectory();
    await writePackages("package-lock.json", LOCKED);
    await mkdir(dirname(pinnedNode(project.path)), { recursive: true });
    await writeFile(pinnedNode(project.path), "");
    await writePackages(NOTE, { "node_modules/one": { integrity: "sha512-1" } });
  });
  afterEach(() => project[Symbol.asyncDispose]());

  async function writePackages(name: string, packages: object): Promise<void> {
    await writeFile(join(project.path, name), JSON.stringify({ packages }));
  }

  it("fit when all are there that this machine can have", () => {
    assert.ok(dependenciesFit(project.path));
  });

  it("do not when one is missing or another than locked", async () => {
    await writePackages(NOTE, {});
    assert.ok(!dependenciesFit(project.path));
    await writePackages(NOTE, { "node_modules/one": { integrity: "sha512-0" } });
    assert.ok(!dependenciesFit(project.path));
  });

  it("do not after an installation that was broken off", async () => {
    await rm(join(project.path, NOTE));
    assert.ok(!dependenciesFit(project.path));
  });

  it("do not without the pinned Node", async () => {
    await rm(pinnedNode(project.path));
    assert.ok(!dependenciesFit(project.path));
  });
});
