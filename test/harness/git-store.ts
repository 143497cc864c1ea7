import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import type { PassStore } from "./pass-store.ts";

const run = promisify(execFile);
/** Without a clean-up that git would go on with by itself after it has ended. */
export const GIT_SETTINGS = "[user]\n\tname = Test\n\temail = test@postern.invalid\n[gc]\n\tauto = 0\n";

/** Puts a store into git's care, as `pass git init` does. */
export async function keepInGit({ home, environment }: PassStore): Promise<void> {
  await writeFile(join(home, ".gitconfig"), GIT_SETTINGS);
  await run("pass", ["git", "init"], { env: environment });
}

/** The output of `pass git …`. */
export async function passGit({ environment }: PassStore, ...parameters: string[]): Promise<string> {
  return (await run("pass", ["git", ...parameters], { env: environment })).stdout;
}
