import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { type Zippable, zipSync } from "fflate";

/** The earliest time that a zip archive can hold, in local time as the format has it. */
const NO_TIME = new Date(1980, 0, 1);

/** A folder's files as a zip archive whose bytes depend on names and contents alone: order and times are fixed. */
export async function zipFolder(folder: string): Promise<Uint8Array> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: Zippable = {};
  for (const path of paths.toSorted()) files[relative(folder, path)] = [await readFile(path), { mtime: NO_TIME }];
  return zipSync(files, { level: 9, os: 3, attrs: 0o644 << 16 });
}
