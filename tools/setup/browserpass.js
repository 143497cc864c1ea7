import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { runLogged } from "./run.js";
import { say } from "./speak.js";
import { systemEnvironment } from "./world.js";
/** @import { World } from "./world.js" */

const PACKAGE = "webext-browserpass";
const FOLDER = "build/browserpass";

/** @param {string} root the project's folder */
export function isBrowserpassLookedFor(root) {
  return existsSync(join(root, FOLDER));
}

/**
 * Debian's browserpass, unpacked and not installed: its package would put its extension into the browsers of whoever runs
 * the tests. Where it can not be had, the tests go on without it.
 * @param {World} world
 */
export async function unpackBrowserpass(world) {
  const folder = join(world.root, FOLDER);
  mkdirSync(folder, { recursive: true });
  const options = { log: join(folder, "log"), environment: systemEnvironment(world), folder };
  try {
    await runLogged("The download", ["apt-get", "download", PACKAGE], options);
    const archive = readdirSync(folder).find((name) => name.endsWith(".deb")) ?? "";
    await runLogged("Unpacking", ["dpkg-deb", "--extract", archive, "."], options);
  } catch {
    say(`${PACKAGE} can not be had here: nothing is compared with it.`);
  }
}
