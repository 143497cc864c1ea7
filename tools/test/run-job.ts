import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Job } from "./plan.ts";
import type { JobResult } from "./reporter.ts";

export interface JobEnd extends JobResult {
  job: Job;
  /** What it printed, as it came. */
  output: string;
  /** Mocha's exit code, or the signal that ended it. */
  exit: string;
}

/**
 * Two locks that all runs of the tests on this machine share, whatever clone they are from. Whoever waits for the room
 * holds the door, so that those who want it alone are not passed for ever by those who share it.
 */
const [DOOR, ROOM] = [join(tmpdir(), "postern-tests.door"), join(tmpdir(), "postern-tests.room")];
const HOLD = `
  for file in "$1" "$2"; do [ -e "$file" ] || : >> "$file"; done
  exec 8< "$1" 9< "$2"
  flock 8 && flock "$3" 9 && exec 8<&- || exit
  shift 3
  exec "$@"
`;
const REPORTER = join(import.meta.dirname, "reporter.ts");

/**
 * Runs one job in a process of its own.
 * @param options of mocha's
 * @param stop aborted: the test at hand is the last, and the hooks clear up after it
 */
export async function runJob(root: string, job: Job, options: readonly string[], stop: AbortSignal): Promise<JobEnd> {
  const mocha = [process.execPath, join(root, "node_modules/mocha/bin/mocha.js")];
  const words = onMachine(job.machine, [...mocha, "--reporter", REPORTER, ...options, ...job.files]);
  // In a group of its own, so that a terminal's Ctrl-C comes once: a second one ends it at once.
  const child = spawn("/bin/sh", words, { cwd: root, stdio: ["ignore", "pipe", "pipe", "ipc"], detached: true });
  const interrupt = (): void => void child.kill("SIGINT");
  stop.addEventListener("abort", interrupt, { once: true });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8");
    stream?.on("data", (piece: string) => (output += piece));
  }
  let result: JobResult | undefined;
  child.on("message", (told: JobResult) => (result = told));
  const [code, signal]: [number | null, string | null] = await once(child, "close").then(([one, other]) => [
    one,
    other,
  ]);
  stop.removeEventListener("abort", interrupt);
  const exit = signal ?? String(code);
  if (result !== undefined) return { job, output, exit, ...result };
  // It did not come to its end, so its files have to be looked at.
  return { job, output, exit, passes: 0, pending: 0, failures: 1, account: `\n  ${output.trim()}\n` };
}

/** The shell's words for a program that waits for its part of the machine, and keeps it until it ends. */
export function onMachine(part: Job["machine"], program: readonly string[]): string[] {
  if (part === "nothing") return ["-c", 'exec "$@"', "sh", ...program];
  return ["-c", HOLD, "sh", DOOR, ROOM, part === "alone" ? "--exclusive" : "--shared", ...program];
}
