import { rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { buildAll } from "./build/build-all.ts";
import { treeDigest, writeStamp } from "./setup/stamp.js";

// Makes dist/. The stamp comes last: it says that what lies there fits the sources.
const root = dirname(import.meta.dirname);
const target = join(root, "dist");
const fresh = join(root, `build/dist-${process.pid}`);
const digest = treeDigest(root);
try {
  await buildAll(root, fresh);
  writeStamp(fresh, digest);
  // Replaced as a whole, so that nothing of an older build stays.
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
} catch (error) {
  await rm(fresh, { recursive: true, force: true });
  process.stderr.write(`postern: error: The build failed. ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
