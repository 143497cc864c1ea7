// Behind `npm start` and `npm test`: finds what is missing, gets it, builds, and goes on under the pinned Node.
// Plain JavaScript without dependencies, for the Node that happens to run npm (20.19 and later): nothing is installed
// yet. All it says goes to standard error; standard output belongs to what it starts.
import { dirname } from "node:path";
import { USAGE, readArguments } from "./setup/arguments.js";
import { pinnedNode } from "./setup/dependencies.js";
import { handOver } from "./setup/hand-over.js";
import { withLock } from "./setup/lock.js";
import { findNeeds } from "./setup/needs.js";
import { prepare } from "./setup/prepare.js";
import { complain, failure } from "./setup/speak.js";
import { readOsRelease } from "./setup/world.js";

const root = dirname(import.meta.dirname);
const { command, program, isAgreed, isHelp } = readArguments(process.argv.slice(2));
const world = {
  root,
  environment: process.env,
  uid: process.getuid?.() ?? 0,
  isTerminal: process.stdin.isTTY && process.stderr.isTTY,
  isAgreed,
  isForTests: command !== "start",
  osRelease: readOsRelease(),
};

if (isHelp) {
  process.stdout.write(USAGE);
} else {
  try {
    if (command === undefined) throw failure("Set-up wants start, test or prepare.", "See: node tools/setup.js --help");
    if ((await findNeeds(world)).length > 0) await withLock(root, () => prepare(world));
    if (program.length > 0) handOver(world, pinnedNode(root), program);
  } catch (error) {
    complain(error);
    process.exitCode = 2;
  }
}
