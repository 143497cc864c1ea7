import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./run.js";
import { failure } from "./speak.js";
/** @import { World } from "./world.js" */

/**
 * Whether node_modules holds what package-lock.json asks for. npm's own note of what it installed is the measure: it
 * is written last, so a broken-off installation has none.
 * @param {string} root
 */
export function dependenciesFit(root) {
  const note = join(root, "node_modules/.package-lock.json");
  if (!existsSync(note) || !existsSync(pinnedNode(root))) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const installed = packagesOf(note);
  return Object.entries(wanted).every(([path, { integrity, optional }]) => {
    const found = installed[path];
    // Some optional packages are for other machines than this one.
    return path === "" || (found === undefined ? optional === true : found.integrity === integrity);
  });
}

/**
 * The Node that everything but set-up runs under: an ordinary locked package for each architecture.
 * @param {string} root
 */
export function pinnedNode(root) {
  return join(root, `node_modules/node-linux-${process.arch}/bin/node`);
}

/** @param {World} world */
export async function installDependencies({ root, environment }) {
  const { npm_execpath: npm } = environment;
  const command = npm === undefined ? ["npm"] : [process.execPath, npm];
  // Whatever loglevel and omissions the caller's npm runs with: the tools are needed, and so are reasons of a failure.
  const options = ["--include=dev", "--include=optional", "--loglevel=error", "--no-progress"];
  const log = join(root, "build/npm-ci.log");
  await runLogged("Installing npm packages", [...command, "ci", ...options], { log, environment, folder: root });
  if (existsSync(pinnedNode(root))) return;
  const hint = "It is pinned for x64 and arm64; see os and cpu in npm config.";
  throw failure(`npm brought no Node for this machine (${process.arch}).`, hint);
}

/**
 * @param {string} path
 * @returns {Record<string, { integrity?: string, optional?: boolean }>}
 */
function packagesOf(path) {
  /** @type {{ packages: Record<string, { integrity?: string, optional?: boolean }> }} */
  const lock = JSON.parse(readFileSync(path, "utf8"));
  return lock.packages;
}
