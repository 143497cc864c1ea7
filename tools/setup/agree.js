import { createInterface } from "node:readline/promises";
import { engineCommand } from "./engine.js";
import { installCommand, packageManager } from "./packages.js";
import { failure, say } from "./speak.js";
import { asRoot } from "./world.js";
/** @import { Need } from "./needs.js" */
/** @import { World } from "./world.js" */

/**
 * Says what the system lacks, and comes back when it may be got: root's own run without a terminal may, and so may
 * whoever said --yes or says it now.
 * @param {World} world
 * @param {Need[]} needs
 */
export async function agree(world, needs) {
  say("Missing on this machine:");
  for (const { what, why } of needs) process.stderr.write(`  ${what}: ${why}\n`);
  const ofPackages = needs.filter(({ kind }) => kind === "package");
  if (ofPackages.length > 0 && packageManager(world) === undefined) {
    const names = ofPackages.map(({ what }) => what);
    throw failure(`Missing: ${names.join(", ")}.`, "Install it with this system's package manager, then try again.");
  }
  if (world.isAgreed || (world.uid === 0 && !world.isTerminal)) return;
  const command = oneCommand(world, needs);
  if (!world.isTerminal) throw failure("Something is missing, and there is nobody to ask.", `Run: ${command}`);
  process.stderr.write(`\n  ${command}\n\n`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question("Run this now? [Y/n] ");
  terminal.close();
  if (!/^(?:y|yes|)$/i.test(answer.trim())) throw failure("Nothing was changed.", `To do it yourself: ${command}`);
}

/**
 * All of it in one line for a shell.
 * @param {World} world
 * @param {Need[]} needs
 */
function oneCommand(world, needs) {
  const manager = packageManager(world);
  const packages = needs.flatMap((need) => need.package ?? []);
  const commands = manager !== undefined && packages.length > 0 ? [installCommand(manager, packages)] : [];
  if (needs.some(({ kind }) => kind === "engine")) commands.push(engineCommand());
  return commands.map((command) => [...asRoot(world), ...command].map(quoted).join(" ")).join(" && ");
}

/** @param {string} word */
function quoted(word) {
  return /^[\w=./-]+$/.test(word) ? word : `'${word}'`;
}
