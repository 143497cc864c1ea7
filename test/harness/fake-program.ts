import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** A shell script that stands in for a program, in a directory to put first on PATH. */
export async function fakeProgram(directory: string, name: string, script: string): Promise<string> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}
