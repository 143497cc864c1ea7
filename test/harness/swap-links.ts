import { execFile } from "node:child_process";
import { promisify } from "node:util";

const SWAP = `
  const { renameSync, symlinkSync } = require("node:fs");
  const [path, count, ...targets] = process.argv.slice(1);
  for (let swap = 0; swap < Number(count); swap++) {
    symlinkSync(targets[swap % targets.length], path + ".next");
    renameSync(path + ".next", path);
  }
`;

/** Makes a path a link to each of the targets in turn, in a process of its own: this one may read in one go. */
export async function swapLinks(path: string, targets: readonly string[], count: number): Promise<void> {
  await promisify(execFile)(process.execPath, ["--eval", SWAP, "--", path, String(count), ...targets]);
}
