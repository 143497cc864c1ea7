import { agree } from "./agree.js";
import { unpackBrowserpass } from "./browserpass.js";
import { build } from "./build.js";
import { installDependencies } from "./dependencies.js";
import { forbidden, startEngine } from "./engine.js";
import { findNeeds } from "./needs.js";
import { installPackages, packageManager } from "./packages.js";
import { say } from "./speak.js";
/** @import { World } from "./world.js" */

/**
 * Gets whatever is missing, and builds. The system is changed only after a yes.
 * @param {World} world
 */
export async function prepare(world) {
  // Looked at again, since another set-up may have been at work until now.
  const needs = await findNeeds(world);
  const kinds = new Set(needs.map(({ kind }) => kind));
  const ofSystem = needs.filter(({ kind }) => kind === "package" || kind === "engine");
  if (ofSystem.length > 0) await agree(world, ofSystem);
  const packages = needs.flatMap((need) => need.package ?? []);
  const manager = packageManager(world);
  if (manager !== undefined && packages.length > 0) {
    say(`Installing ${packages.join(", ")}.`);
    await installPackages(world, manager, packages);
  }
  if (kinds.has("permission")) throw forbidden();
  if (kinds.has("engine")) {
    say("Starting Docker Engine.");
    await startEngine(world);
  }
  if (kinds.has("browserpass")) {
    say("Unpacking browserpass for the tests.");
    await unpackBrowserpass(world);
  }
  if (kinds.has("dependencies")) {
    say("Installing npm packages.");
    await installDependencies(world);
  }
  // Other packages may bundle to other bytes.
  if (kinds.has("dependencies") || kinds.has("build")) {
    say("Building.");
    await build(world);
  }
}
