import type { ChildProcess } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { residentMb } from "../resident.ts";

/** What a running process holds. */
export interface ProcessState {
  mb: number;
  descriptors: number;
  /** Of its children, those that run. */
  children: number;
  /** Of its children, those that have ended and were not waited for. */
  zombies: number;
}

/** As the kernel tells it (proc(5)). */
export async function stateOf(process: ChildProcess): Promise<ProcessState> {
  const states = await childStates(process.pid ?? 0);
  return {
    mb: await residentMb(process),
    descriptors: (await readdir(`/proc/${process.pid}/fd`)).length,
    children: states.filter((state) => state !== "Z").length,
    zombies: states.filter((state) => state === "Z").length,
  };
}

async function childStates(parent: number): Promise<string[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  // Those that end meanwhile have no files any more.
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  const children = stats.flatMap((stat) => {
    // A program's name may hold anything, a bracket too.
    const [state = "", ppid] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return Number(ppid) === parent ? [state] : [];
  });
  return children;
}
