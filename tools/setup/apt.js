import { join } from "node:path";
import { runLogged } from "./run.js";
import { asRoot, systemEnvironment } from "./world.js";
/** @import { World } from "./world.js" */

const INSTALL = ["apt-get", "install", "--yes", "--no-install-recommends"];
/** Seconds for another installation on this machine to end. */
const PATIENCE = ["-o", "DPkg::Lock::Timeout=600"];

/**
 * The command that a person may run instead.
 * @param {string[]} packages Debian's names
 */
export function installCommand(packages) {
  return [...INSTALL, ...packages];
}

/**
 * @param {World} world
 * @param {string[]} packages Debian's names
 */
export async function installPackages(world, packages) {
  // sudo begins with an environment of its own, so what apt is to know is said after it.
  const apt = [...asRoot(world), "env", "DEBIAN_FRONTEND=noninteractive"];
  const options = { log: join(world.root, "build/apt-get.log"), environment: systemEnvironment(world), folder: "/" };
  // Lists that are missing or old name packages that are not there any more. A source of the user's own that can not be
  // reached is no reason to stop: if it matters, the installation says so.
  const update = runLogged("Updating the package lists", [...apt, "apt-get", "update", ...PATIENCE], options);
  await update.catch(() => undefined);
  await runLogged("Installing packages", [...apt, ...installCommand(packages), ...PATIENCE], options);
}
