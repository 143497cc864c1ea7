// Behind `npm run unit`: tests that need nothing but a clone with its npm packages, and some programs where they are.
import { dirname, relative } from "node:path";
import { buildIfStale } from "./setup/build.js";
import { complain, failure, say } from "./setup/speak.js";
import { hasProgram, readOsRelease } from "./setup/world.js";
import { planJobs } from "./test/plan.ts";
import { type Reach, reachOf } from "./test/reach.ts";
import { runTests } from "./test/run-tests.ts";
import { testsOf } from "./test/tests-of.ts";

const USAGE = `Usage: npm run unit -- FOLDER|FILE… [OPTION…]

Runs the tests of these sources, or these tests: those that need no container, no
browser and no desktop. What they run is built first where the sources have changed.
FOLDER and FILE are relative to the project's folder, as in: host-bridge/protocol
OPTIONs are mocha's, as in: --grep='a gate'
`;

const root = dirname(import.meta.dirname);
const world = {
  root,
  environment: process.env,
  uid: process.getuid?.() ?? 0,
  isTerminal: false,
  isAgreed: false,
  isForTests: true,
  osRelease: readOsRelease(),
};

/** Why a file is left to `npm test`; undefined for one that runs here. */
function whyNot({ usesEngine, usesMore, programs }: Reach): string | undefined {
  if (usesEngine) return "a container engine";
  if (usesMore) return "a desktop, a bus or a browser";
  return programs.find((program) => !hasProgram(world, program));
}

async function main(words: string[]): Promise<number> {
  if (words.includes("--help")) {
    process.stdout.write(USAGE);
    return 0;
  }
  const paths = words.filter((word) => !word.startsWith("-"));
  if (paths.length === 0) throw failure("Which tests? Name a folder or a file.", "See: npm run unit -- --help");
  const files = paths.flatMap((path) => {
    const found = testsOf(root, path);
    if (found.length === 0) throw failure(`There are no tests of ${path}.`, "Tests mirror the sources: see test/.");
    return found;
  });
  const here = files.filter((file) => {
    const reason = whyNot(reachOf(file));
    if (reason !== undefined) say(`left to npm test, since it needs ${reason}: ${relative(root, file)}`);
    return reason === undefined;
  });
  if (here.length === 0) throw failure("None of these tests runs without more.", "Run them with: npm test -- test/…");
  await buildIfStale(world);
  const options = words.filter((word) => word.startsWith("-"));
  return await runTests(root, planJobs(root, [...new Set(here)]), options);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  complain(error);
  process.exitCode = 2;
}
