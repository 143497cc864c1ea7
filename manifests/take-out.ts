import { basename, dirname, join } from "node:path";
import { look, readReceipt, removeDirectory, removeFile } from "./below-home.ts";
import type { Installation } from "./installation.ts";
import { UNKNOWN, draftOf } from "./own-file.ts";

/**
 * Removes what an installation wrote and is still as it was written, and directories that it made and that are empty.
 * @returns the files that were left alone
 */
export async function removeFiles({ home, receipt }: Installation): Promise<string[]> {
  const written = await readReceipt(home, receipt);
  if (written === undefined) return [];
  const left: string[] = [];
  for (const [path, digests] of written.files) {
    const found = await look(home, path).catch(() => UNKNOWN);
    // Of an installation that was killed.
    await removeFile(home, join(dirname(path), draftOf(basename(path))));
    if (found !== undefined && digests.includes(found.digest)) await removeFile(home, path);
    else if (found !== undefined) left.push(path);
  }
  await removeFile(home, receipt);
  // The deepest first; one that holds something else stays.
  for (const path of [...written.directories].toSorted().toReversed()) await removeDirectory(home, path);
  return left;
}
