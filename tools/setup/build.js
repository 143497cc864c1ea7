import { existsSync } from "node:fs";
import { join } from "node:path";
import { pinnedNode } from "./dependencies.js";
import { withLock } from "./lock.js";
import { runLogged } from "./run.js";
import { stampFits, treeDigest } from "./stamp.js";

const GENERATED = "host-bridge/protocol/generated";

/**
 * Whether what was made from the sources is there, and made from them as they are now.
 * @param {string} root the project's folder
 */
export function isBuilt(root) {
  return existsSync(join(root, GENERATED)) && stampFits(join(root, "dist"), treeDigest(root));
}

/**
 * Generates code from the schemas and makes the bundles.
 * @param {{ root: string, environment: NodeJS.ProcessEnv }} where
 */
export async function build({ root, environment }) {
  for (const step of ["generate", "build"]) {
    const command = [pinnedNode(root), join(root, `tools/${step}.ts`)];
    await runLogged("The build", command, { log: join(root, "build/build.log"), environment, folder: root });
  }
}

/**
 * Builds if the sources have changed, as one of several that may want to at the same time.
 * @param {{ root: string, environment: NodeJS.ProcessEnv }} where
 */
export async function buildIfStale(where) {
  if (isBuilt(where.root)) return;
  await withLock(where.root, async () => {
    if (!isBuilt(where.root)) await build(where);
  });
}
