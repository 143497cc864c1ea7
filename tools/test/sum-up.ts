import type { JobEnd } from "./run-job.ts";

/** A job that mocha ended badly, or that left something open, has failed whatever its tests say. */
export function hasFailed({ failures, pending, exit }: JobEnd): boolean {
  return failures > 0 || pending > 0 || exit !== "0";
}

/**
 * All jobs' ends in the words of mocha's reporters.
 * @param seconds how long it all took
 */
export function sumUp(ends: readonly JobEnd[], seconds: number): string {
  const total = (what: "passes" | "pending" | "failures"): number => ends.reduce((sum, end) => sum + end[what], 0);
  const failed = ends.filter(hasFailed);
  const accounts = failed.map(({ job, account, output, exit }) => {
    const text = account === "" ? `\n  ended with ${exit}:\n${output}` : account;
    return `  ${job.files.join(" ")}\n${text}`;
  });
  const failures = Math.max(total("failures"), failed.length);
  return [
    ...accounts,
    `  ${total("passes")} passing (${spanOf(seconds)})`,
    ...(total("pending") === 0 ? [] : [`  ${total("pending")} pending`]),
    ...(failures === 0 ? [] : [`  ${failures} failing`]),
    "",
  ].join("\n");
}

function spanOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${Math.round(seconds)}s` : `${minutes}m ${Math.round(seconds % 60)}s`;
}
