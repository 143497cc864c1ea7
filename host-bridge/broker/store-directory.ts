import type { Dirent } from "node:fs";
import { readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { type EntryName, inertText, parseEntryName } from "./entry-name.ts";

/** What one directory of the store holds. Paths are relative to the store's root. */
export interface Directory {
  entries: readonly EntryName[];
  folders: ReadonlySet<string>;
  /** What looks like an entry or a folder and is none to us, shown inert, with the reason. */
  skipped: ReadonlyMap<string, string>;
  /** Which directory it was, where links lead to. */
  identity: string;
  /** Another one after every change of names; undefined when the last change is too new to be sure of that. */
  stamp: bigint | undefined;
}

export type ReadDirectory = (root: string, path: string) => Promise<Directory>;

/** Most directories have neither, and there may be many. */
const NO_FOLDERS: ReadonlySet<string> = new Set();
const NONE_SKIPPED: ReadonlyMap<string, string> = new Map();

const SUFFIX = ".gpg";
/** The coarsest clock of a file system, FAT's, in milliseconds: two changes within a tick look like one. */
const CLOCK_TICK = 2_000;

/**
 * Reads one directory. What a name could do is judged here, once; hidden names are no business of ours.
 * @param path of the directory, `""` for the root
 * @param boundary the directory that no link may lead out of
 * @throws the system's error when it can not be read
 */
export async function readDirectory(root: string, path: string, boundary = root): Promise<Directory> {
  const realRoot = await realpath(boundary);
  const realPath = await realpath(join(root, path));
  // Before the names are read: what changes while they are has another time afterwards.
  const { dev, ino, mtimeMs, mtimeNs } = await stat(realPath, { bigint: true });
  const isSettled = Date.now() - Number(mtimeMs) > CLOCK_TICK;
  const stamp = isSettled ? mtimeNs : undefined;
  const found: Found = { realRoot, realPath, path, entries: [], folders: new Set(), skipped: new Map() };
  for (const child of await readdir(realPath, { withFileTypes: true, encoding: "buffer" })) await take(found, child);
  const { entries, folders, skipped } = found;
  return {
    // Without the room that an array keeps for more: there may be many directories.
    entries: [...entries],
    folders: folders.size > 0 ? folders : NO_FOLDERS,
    skipped: skipped.size > 0 ? skipped : NONE_SKIPPED,
    identity: `${dev}.${ino}`,
    stamp,
  };
}

interface Found {
  realRoot: string;
  realPath: string;
  path: string;
  entries: EntryName[];
  folders: Set<string>;
  skipped: Map<string, string>;
}

/** Whether another directory stands at the path now, or this one may hold other names. */
export async function hasChanged(root: string, path: string, directory: Directory): Promise<boolean> {
  if (directory.stamp === undefined) return true;
  try {
    const { dev, ino, mtimeNs } = await stat(join(root, path), { bigint: true });
    return `${dev}.${ino}` !== directory.identity || mtimeNs !== directory.stamp;
  } catch {
    return true;
  }
}

/** A folder that is known and not gone into. */
export function refusedDirectory(path: string, reason: string): Directory {
  const skipped = new Map([[inertText(path), reason]]);
  return { entries: [], folders: NO_FOLDERS, skipped, identity: "", stamp: undefined };
}

async function take(found: Found, child: Dirent<Buffer>): Promise<void> {
  const text = child.name.toString();
  if (text.startsWith(".")) return;
  const shown = below(found.path, text);
  const skip = (reason: string): void => void found.skipped.set(inertText(shown), reason);
  // A name that is not UTF-8 could not be opened by the text that it reads as.
  if (!Buffer.from(text).equals(child.name)) return skip("its name is not UTF-8");

  const kind = await kindOf(found.realRoot, found.realPath, text, child);
  if (kind === "folder") {
    if (parseEntryName(shown) === undefined) skip("its name is unsound");
    else found.folders.add(shown);
  } else if (kind !== "file") {
    if (text.endsWith(SUFFIX) || child.isSymbolicLink()) skip(kind);
  } else if (text.endsWith(SUFFIX)) {
    // Not cut from the other, which would be kept with it.
    const name = parseEntryName(below(found.path, text.slice(0, -SUFFIX.length)));
    if (name === undefined) skip("its name is unsound");
    else found.entries.push(name);
  }
}

function below(path: string, name: string): string {
  return path === "" ? name : `${path}/${name}`;
}

/** `file`, `folder`, or why it is neither. Links are followed within the store. */
async function kindOf(realRoot: string, realPath: string, name: string, child: Dirent<Buffer>): Promise<string> {
  if (child.isFile()) return "file";
  if (child.isDirectory()) return "folder";
  if (!child.isSymbolicLink()) return "it is not a regular file";
  try {
    const target = await realpath(join(realPath, name));
    if (!`${target}/`.startsWith(`${realRoot}/`)) return "it leads out of the store";
    const found = await stat(target);
    if (found.isFile()) return "file";
    return found.isDirectory() ? "folder" : "it is not a regular file";
  } catch {
    return "it leads nowhere";
  }
}
