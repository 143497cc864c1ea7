import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
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

/** No container, no session process: waited for, since the process ends after its answer. */
export async function nothingLeft({ home, engine, session }: TestPostern): Promise<void> {
  await eventually("nothing is left", async () => {
    const places = await readdir(join(home, "run/postern")).catch((): string[] => []);
    const containers = await engine.listContainers({ all: true });
    return !places.includes("session.sock") && !containers.some(({ Names }) => Names.some((n) => n.endsWith(session)));
  });
}
