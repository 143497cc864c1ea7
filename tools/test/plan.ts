import { dirname, join, relative } from "node:path";
import { reachOf } from "./reach.ts";

/** Test files that one process runs one after another. */
export interface Job {
  /** Relative to the project's folder. */
  files: string[];
  /** What it takes of the machine that all runs of the tests share. */
  machine: "nothing" | "shared" | "alone";
}

/** Files that look at, or take away, what the tests with an engine stand on; so that those wait meanwhile. */
const ALONE: Record<string, string> = {
  "test/attacks/41-no-listening-port.test.ts": "compares all TCP ports on which this machine listens",
  "test/cli/uninstall-all.test.ts": "removes the images",
  "test/container/base-image.test.ts": "compares all images without a name",
  "test/container/images.test.ts": "compares what builds have left on this machine",
  "test/container/network.test.ts": "tries all addresses of this machine",
  "test/end-to-end/rebuilt-image.test.ts": "makes the images again and expects the old ones to be gone",
  "test/failures/build-cut-off.test.ts": "breaks off a build and removes what it leaves",
};

/** Files without an engine that those above would take for what they look for. */
const SHARING = ["test/container/login-page/serve.test.ts"];
/** These take longest: what starts early does not end last. */
const LONGEST = ["test/attacks/headline.test.ts", "test/attacks/45-pressing-allow.test.ts", "test/end-to-end/"];
/** Short files that share a process. */
const MAX_FILES = 6;

/**
 * Divides test files into jobs, in the order in which they are best begun.
 * @param files absolute
 */
export function planJobs(root: string, files: readonly string[]): Job[] {
  const names = files.map((path) => relative(root, path));
  const { alone = [], shared = [], nothing = [] } = Object.groupBy(names, (name) => machineOf(root, name));
  const folders = Object.values(Object.groupBy(nothing, (name) => dirname(name)));
  return [
    ...alone.map((file): Job => ({ files: [file], machine: "alone" })),
    ...shared
      .toSorted((one, other) => rankOf(one) - rankOf(other))
      .map((file): Job => ({ files: [file], machine: "shared" })),
    ...folders
      .flatMap((those = []) => chunks(those, MAX_FILES))
      .map((those): Job => ({ files: those, machine: "nothing" })),
  ];
}

function machineOf(root: string, file: string): Job["machine"] {
  if (file in ALONE) return "alone";
  return SHARING.includes(file) || reachOf(join(root, file)).usesEngine ? "shared" : "nothing";
}

function rankOf(file: string): number {
  const rank = LONGEST.findIndex((start) => file.startsWith(start));
  return rank === -1 ? LONGEST.length : rank;
}

function chunks<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size));
}
