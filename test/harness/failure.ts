import assert from "node:assert/strict";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import type { Run, TestPostern } from "./postern.ts";

/** What a command that failed has to have said: its last two lines, an error and what to do, and exit code 2. */
export function assertExplained({ exitCode, stderr }: Run, error: RegExp, hint: RegExp): void {
  const [first = "", second = "", last, ...rest] = stderr.split("\n").slice(-3);
  assert.equal(exitCode, 2, stderr);
  assert.deepEqual([last, rest], ["", []], stderr);
  assert.match(first, /^postern: error: /, stderr);
  assert.match(first, error);
  assert.match(second, /^postern: hint: /, stderr);
  assert.match(second, hint);
}

/** No container, no network, no process of Postern's: waited for, since the last one ends after its answer. */
export async function nothingLeft(postern: TestPostern): Promise<void> {
  await eventually("nothing is left", async () => {
    const { home, engine, session } = postern;
    const places = await readdir(join(home, "run/postern")).catch((): string[] => []);
    const containers = await engine.listContainers({ all: true });
    const networks = await engine.listNetworks();
    const names = [...containers.flatMap(({ Names }) => Names), ...networks.map(({ Name }) => Name)];
    const processes = await ownProcesses(postern);
    return !places.includes("session.sock") && !names.some((name) => name.endsWith(session)) && processes.length === 0;
  });
}

/** The command lines of all that runs in this home but gpg's own: an agent serves whoever comes next. */
async function ownProcesses({ home }: TestPostern): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    // Those that end meanwhile have no files any more.
    const [command = "", environment = ""] = await Promise.all(
      ["cmdline", "environ"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => "")),
    );
    const isOwn = environment.split("\0").includes(`HOME=${home}`);
    if (isOwn && !/^(?:\S*\/)?(?:gpg-agent|scdaemon|keyboxd)\0/.test(command))
      found.push(command.replaceAll("\0", " "));
  }
  return found;
}
