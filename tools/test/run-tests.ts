import type { Job } from "./plan.ts";
import { runAll } from "./run-all.ts";
import { hasFailed, sumUp } from "./sum-up.ts";

/** Most tests wait for other programs most of the time: two cores are busy with as many. */
const LANES = 4;

/**
 * Runs jobs, prints what each prints as it ends, and in the end mocha's summary of all.
 * @param options of mocha's
 * @returns the exit code; 1 also where no test ran
 */
export async function runTests(root: string, jobs: readonly Job[], options: readonly string[]): Promise<0 | 1> {
  const startedAt = performance.now();
  const onEnd = ({ output }: { output: string }): void => void process.stdout.write(output);
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stop.abort());
  const ends = await runAll(root, jobs, { lanes: LANES, options, onEnd, stop: stop.signal });
  process.stdout.write(`\n${sumUp(ends, (performance.now() - startedAt) / 1000)}\n`);
  if (stop.signal.aborted) return 1;
  return ends.some(hasFailed) || ends.every(({ passes }) => passes === 0) ? 1 : 0;
}
