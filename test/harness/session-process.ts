import { readFile, readdir } from "node:fs/promises";
import type { TestPostern } from "./postern.ts";

/** Kills the session process of this home, and no other test's, as a crash would end it. */
export async function killSession(postern: TestPostern): Promise<void> {
  for (const pid of await sessionProcesses(postern)) process.kill(pid, "SIGKILL");
}

/** Their process ids. */
export async function sessionProcesses({ home }: TestPostern): Promise<number[]> {
  const found: number[] = [];
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    // Those that end meanwhile have no files any more.
    const [command, environment] = await Promise.all(
      ["cmdline", "environ"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")),
    );
    const isSession = command?.includes("postern-session.cjs") === true;
    if (isSession && environment?.split("\0").includes(`HOME=${home}`) === true) found.push(Number(pid));
  }
  return found;
}
