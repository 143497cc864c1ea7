import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, "../..");

interface Lock {
  packages: Record<string, Locked>;
}

interface Locked {
  version?: string;
  resolved?: string;
  integrity?: string;
  optionalDependencies?: Record<string, string>;
}

describe("pinned Node", () => {
  let lock: Lock;
  before(async () => {
    lock = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8"));
  });

  it("is locked for both architectures, to one version", () => {
    const versions = ["x64", "arm64"].map((arch) => lock.packages[`node_modules/node-linux-${arch}`]?.version);
    assert.ok(versions[0]);
    assert.equal(versions[0], versions[1]);
  });

  it("runs these tests", () => {
    assert.equal(process.versions.node, lock.packages[`node_modules/node-linux-${process.arch}`]?.version);
  });

  it("is what npm's scripts and commands find first", async () => {
    const { stdout } = await run("npm", ["exec", "--offline", "--call", "node --version"], { cwd: ROOT });
    assert.equal(stdout.trim(), process.version);
  });
});

describe("package-lock.json", () => {
  it("says what to install, never from where", async () => {
    const lock: Lock = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8"));
    for (const [path, entry] of Object.entries(lock.packages).slice(1)) {
      assert.equal(entry.resolved, undefined, path);
      assert.match(entry.integrity ?? "", /^sha512-/, path);
    }
  });

  it("knows the packages for other machines too, without which npm ci refuses it", async () => {
    const { packages }: Lock = JSON.parse(await readFile(join(ROOT, "package-lock.json"), "utf8"));
    for (const [path, { optionalDependencies = {} }] of Object.entries(packages)) {
      for (const name of Object.keys(optionalDependencies)) {
        const places = [join(path, "node_modules", name), `node_modules/${name}`];
        assert.ok(
          places.some((place) => packages[place] !== undefined),
          `${path} wants ${name}`,
        );
      }
    }
  });
});
