import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** All that dist/ is made from. */
const SOURCES = ["cli", "container", "extension", "host-bridge", "manifests", "tools", "package-lock.json"];
/** Made from the rest. */
const NOT_SOURCES = new Set(["generated"]);
const STAMP = ".stamp";

/**
 * One digest for all sources.
 * @param {string} root the project's folder
 */
export function treeDigest(root) {
  const digest = createHash("sha256");
  for (const path of SOURCES.flatMap((name) => filesBelow(root, name))) {
    const content = readFileSync(join(root, path));
    digest.update(`${path}\0${content.length}\0`).update(content);
  }
  return digest.digest("hex");
}

/**
 * Notes in a folder what it was made from, and which files it had then.
 * @param {string} folder
 * @param {string} digest
 */
export function writeStamp(folder, digest) {
  writeFileSync(join(folder, STAMP), [digest, ...filesBelow(folder, ".")].join("\n"));
}

/**
 * Whether a folder was made from just these sources and still has all its files.
 * @param {string} folder
 * @param {string} digest
 */
export function stampFits(folder, digest) {
  const stamp = join(folder, STAMP);
  if (!existsSync(stamp)) return false;
  const [made, ...files] = readFileSync(stamp, "utf8").split("\n");
  return made === digest && files.every((file) => existsSync(join(folder, file)));
}

/**
 * @param {string} root
 * @param {string} name a file or a folder
 * @returns {string[]} relative to the root, in one order everywhere
 */
function filesBelow(root, name) {
  if (statSync(join(root, name)).isFile()) return [name];
  const names = readdirSync(join(root, name)).filter((entry) => !NOT_SOURCES.has(entry));
  return names.toSorted().flatMap((entry) => filesBelow(root, join(name, entry)));
}
