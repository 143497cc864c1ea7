import type { Job } from "./plan.ts";
import { type JobEnd, runJob } from "./run-job.ts";

interface Options {
  /** How many jobs run at the same time. */
  lanes: number;
  /** Mocha's. */
  options: readonly string[];
  /** Called as each job ends. */
  onEnd: (end: JobEnd) => void;
  /** Aborted: what runs is ended, and nothing more begun. */
  stop: AbortSignal;
}

/**
 * Runs jobs in lanes, in their order but for this: those that need the machine alone go first, one after another, and
 * beside them those that take nothing of it.
 */
export async function runAll(
  root: string,
  jobs: readonly Job[],
  { lanes, options, onEnd, stop }: Options,
): Promise<JobEnd[]> {
  const waiting = [...jobs];
  const running = new Map<Job, Promise<JobEnd>>();
  const ends: JobEnd[] = [];
  const isAlone = ({ machine }: Job): boolean => machine === "alone";

  function mayStart(job: Job): boolean {
    if (job.machine === "nothing") return true;
    const someAlone = running.keys().some(isAlone);
    return isAlone(job) ? !someAlone : !someAlone && !waiting.some(isAlone);
  }

  while (running.size > 0 || (waiting.length > 0 && !stop.aborted)) {
    while (running.size < lanes && !stop.aborted) {
      const place = waiting.findIndex(mayStart);
      if (place === -1) break;
      for (const job of waiting.splice(place, 1)) running.set(job, runJob(root, job, options, stop));
    }
    const end = await Promise.race(running.values());
    running.delete(end.job);
    ends.push(end);
    onEnd(end);
  }
  return ends;
}
