import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { access, copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PROGRAMS } from "#tools/build/programs.ts";
import { installDependencies } from "#tools/setup/dependencies.js";
import type { World } from "#tools/setup/world.js";
import { temporaryDirectory } from "#test/harness/temporary.ts";

const ROOT = join(import.meta.dirname, "../..");
const NODE = `node-linux-${process.arch}`;
const ARCHIVE = `${NODE}-1.0.0.tgz`;
const DIST = join(ROOT, "dist");

interface Component {
  type: string;
  "bom-ref": string;
  name: string;
  version: string;
  hashes: { alg: string; content: string }[];
}

interface Sbom {
  components: Component[];
  dependencies: { ref: string; dependsOn: string[] }[];
}

// That two builds have the same bytes, and that a bundle requires nothing but Node, is shown in test/tools/build.test.ts.
describe("attack 44: a package that we build from", function () {
  this.timeout(180_000);

  describe("is listed", () => {
    let sbom: Sbom;
    before(async () => {
      sbom = JSON.parse(await readFile(join(DIST, "sbom.cdx.json"), "utf8"));
    });

    for (const { bundle } of PROGRAMS) {
      it(`for ${bundle}: just the packages whose code is in it, and the bytes it has`, async () => {
        const text = await readFile(join(DIST, bundle), "utf8");
        const listed = sbom.dependencies.find(({ ref }) => ref === bundle)?.dependsOn.map(componentOf) ?? [];
        const libraries = listed.filter(({ type }) => type === "library").map(({ name }) => name);
        assert.deepEqual(new Set(libraries), packagesIn(text));
        const digest = createHash("sha256").update(text).digest("hex");
        assert.deepEqual(componentOf(bundle).hashes, [{ alg: "SHA-256", content: digest }]);
      });
    }

    it("with the version and the digest of package-lock.json, which are those of what is installed", async () => {
      const lock: { packages: Record<string, { integrity?: string }> } = JSON.parse(
        await readFile(join(ROOT, "package-lock.json"), "utf8"),
      );
      const packages = sbom.components.filter(({ type }) => type !== "application");
      assert.ok(packages.length > 0);
      for (const { name, version, hashes } of packages) {
        const integrity = `sha512-${Buffer.from(hashes[0]?.content ?? "", "hex").toString("base64")}`;
        const folder = Object.keys(lock.packages).find((path) => lock.packages[path]?.integrity === integrity) ?? "";
        assert.equal(folder.slice(folder.lastIndexOf("node_modules/")), `node_modules/${name}`);
        // Node for another architecture is locked, but not installed.
        const installed = await readFile(join(ROOT, folder, "package.json"), "utf8").catch(() => undefined);
        const about: { version?: string } = JSON.parse(installed ?? "{}");
        if (installed === undefined) assert.match(name, /^node-linux-/);
        else assert.equal(about.version, version);
      }
    });

    function componentOf(ref: string): Component {
      const found = sbom.components.find((component) => component["bom-ref"] === ref);
      assert.ok(found, ref);
      return found;
    }
  });

  describe("is installed", () => {
    let project: Awaited<ReturnType<typeof temporaryDirectory>>;
    let folder: string;
    let marker: string;
    beforeEach(async () => {
      project = await temporaryDirectory();
      folder = join(project.path, "project");
      marker = join(project.path, "marker");
      await mkdir(folder);
      await copyFile(join(ROOT, ".npmrc"), join(folder, ".npmrc"));
      const about = { name: "project", version: "1.0.0", dependencies: { [NODE]: `file:${ARCHIVE}` } };
      await writeFile(join(folder, "package.json"), JSON.stringify(about));
      const integrity = await packHostile("as it was locked");
      const locked = { version: "1.0.0", resolved: `file:${ARCHIVE}`, integrity, hasInstallScript: true };
      const lock = { lockfileVersion: 3, packages: { "": about, [`node_modules/${NODE}`]: locked } };
      await writeFile(join(folder, "package-lock.json"), JSON.stringify(lock));
    });
    afterEach(() => project[Symbol.asyncDispose]());

    it("and runs nothing of its own by that", async () => {
      await installDependencies(worldOf(folder));
      assert.equal(await readFile(join(folder, "node_modules", NODE, "bin/node"), "utf8"), "as it was locked");
      await assert.rejects(access(marker), { code: "ENOENT" });
      // It would, if npm let it.
      await rm(join(folder, ".npmrc"));
      await execa("npm", ["ci"], { cwd: folder, env: worldOf(folder).environment, extendEnv: false });
      await access(marker);
    });

    it("but not with other bytes than were locked", async () => {
      await packHostile("changed afterwards");
      await assert.rejects(installDependencies(worldOf(folder)), { hint: /EINTEGRITY/ });
      await assert.rejects(access(join(folder, "node_modules", NODE)), { code: "ENOENT" });
    });

    /** A package in the place of one that set-up looks for, that leaves the marker as soon as it is let. @returns its digest */
    async function packHostile(content: string): Promise<string> {
      const source = join(project.path, "source");
      await mkdir(join(source, "bin"), { recursive: true });
      await writeFile(join(source, "bin/node"), content);
      const leave = `touch ${marker}`;
      const about = {
        name: NODE,
        version: "1.0.0",
        scripts: { preinstall: leave, install: leave, postinstall: leave },
      };
      await writeFile(join(source, "package.json"), JSON.stringify(about));
      await execa("npm", ["pack", source], { cwd: folder, env: { npm_config_cache: join(project.path, "packed") } });
      const archive = await readFile(join(folder, ARCHIVE));
      return `sha512-${createHash("sha512").update(archive).digest("base64")}`;
    }
  });
});

function worldOf(root: string): World {
  // What npm test runs has the project's settings in its environment; here they are to come from the file.
  const { npm_config_ignore_scripts: _, ...environment } = process.env;
  return {
    root,
    // What npm has in its cache with the digest that is locked, it would take from there.
    environment: { ...environment, npm_config_cache: join(root, "cache") },
    uid: 1000,
    isTerminal: false,
    isAgreed: false,
    isForTests: true,
    osRelease: "",
  };
}

/** By the names of their files, which esbuild leaves where their code begins. */
function packagesIn(bundle: string): Set<string> {
  const files = Array.from(bundle.matchAll(/^\s*(?:\/\/ |")(node_modules\/[^\s"]+)/gm), ([, file = ""]) => file);
  return new Set(files.flatMap((file) => /^.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? []));
}
