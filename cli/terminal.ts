import { readlink } from "node:fs/promises";

/** The terminal that standard input is, by name, and what kind it is. */
export async function ownTerminal(environment: NodeJS.ProcessEnv): Promise<{ tty: string; term: string } | undefined> {
  const tty = await readlink("/proc/self/fd/0").catch(() => "");
  return tty.startsWith("/dev/") ? { tty, term: environment.TERM ?? "dumb" } : undefined;
}
