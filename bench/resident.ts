import { readFile } from "node:fs/promises";
import type { ChildProcess } from "node:child_process";

/** The resident memory of a running process in MB (proc_pid_status(5), VmRSS). */
export async function residentMb({ pid }: ChildProcess): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}
