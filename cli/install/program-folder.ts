import { constants, renameSync } from "node:fs";
import { chmod, copyFile, link, lstat, mkdir, readFile, readdir, rm, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { type Directory, isLink, openDirectory } from "#manifests/directory.ts";
import { notWritable } from "#wire/not-writable.ts";

/** What an installed Postern runs from: the bundles, what the images are built from, the extension, and Node. */
export interface ProgramFolder {
  home: string;
  /** Absolute. Beside it lie, while it is replaced, `.new` and `.old`. */
  path: string;
  /** The folder of the bundles that is copied. */
  source: string;
  /** The Node that runs this, which is the one for the bundles. */
  node: string;
}

/** Whether the folder is there and holds just what the source does. */
export async function compareProgram({ home, path, source, node }: ProgramFolder): Promise<"new" | "changed" | "same"> {
  await using directory = await openDirectory(home, dirname(path));
  const found = directory === undefined ? undefined : await lstat(directory.at("program")).catch(() => undefined);
  if (directory === undefined || found === undefined) return "new";
  if (found.isSymbolicLink()) throw isLink(path);
  const place = directory.at("program");
  const [wanted, there] = await Promise.all([filesOf(source), filesOf(place).catch(() => [])]);
  if (wanted.join("\n") !== there.join("\n") || !(await isSame(node, join(place, "node")))) return "changed";
  const same = await Promise.all(wanted.map((name) => isSame(join(source, name), join(place, name))));
  return same.every(Boolean) ? "same" : "changed";
}

/**
 * Makes the folder aside, then puts it in its place: whoever starts the program finds the old one or the new one, whole.
 * @param undo takes it back
 * @throws PosternError `internal` when it can not be written; the signal's reason
 */
export async function placeProgram(
  { home, path, source, node }: ProgramFolder,
  undo: AsyncDisposableStack,
  signal: AbortSignal,
): Promise<void> {
  await using parent = await openDirectory(home, dirname(path));
  if (parent === undefined) throw notWritable(path, undefined);
  const { fresh, place, old } = placesIn(parent);
  undo.defer(() => removeProgram(home, path, ["fresh"]));
  try {
    await remove(fresh);
    await mkdir(fresh, { mode: 0o700 });
    await linkOrCopy(node, join(fresh, "node"));
    for (const name of await filesOf(source)) {
      signal.throwIfAborted();
      await mkdir(dirname(join(fresh, name)), { recursive: true, mode: 0o700 });
      await copy(join(source, name), join(fresh, name));
    }
    const hadOne = (await lstat(place).catch(() => undefined)) !== undefined;
    if (hadOne) {
      await remove(old);
      // With nothing in between: who starts it just then finds it by its other name.
      renameSync(place, old);
    }
    renameSync(fresh, place);
    undo.defer(() => takeBack(home, path, hadOne));
  } catch (error) {
    signal.throwIfAborted();
    throw notWritable(path, error, parent.start);
  }
}

async function takeBack(home: string, path: string, hadOne: boolean): Promise<void> {
  await using parent = await openDirectory(home, dirname(path));
  if (parent === undefined) return;
  const { place, old } = placesIn(parent);
  await remove(place);
  if (hadOne) renameSync(old, place);
}

function placesIn(parent: Directory) {
  return { fresh: parent.at("program.new"), place: parent.at("program"), old: parent.at("program.old") };
}

/** Removes the folder, what is left of the one that it replaced, or what was being made. */
export async function removeProgram(
  home: string,
  path: string,
  which: (keyof ReturnType<typeof placesIn>)[],
): Promise<void> {
  await using parent = await openDirectory(home, dirname(path));
  if (parent === undefined) return;
  for (const name of which) await remove(placesIn(parent)[name]);
}

/** A link is removed, and not what it leads to. */
async function remove(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Plain files below a folder, but its hidden ones and Node, in one order everywhere. */
async function filesOf(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((entry) => entry.isFile() && !entry.name.startsWith("."));
  const names = files.map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return names.filter((name) => name !== "node").toSorted();
}

async function linkOrCopy(from: string, to: string): Promise<void> {
  // Another file system, or a file that is not the user's.
  await link(from, to).catch(() => copy(from, to));
}

async function copy(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await chmod(to, modeOf((await stat(from)).mode));
}

/** One for programs and one for the rest, whatever the mask was where they were built. */
function modeOf(mode: number): number {
  return (mode & constants.S_IXUSR) === 0 ? 0o644 : 0o755;
}

async function isSame(wanted: string, there: string): Promise<boolean> {
  const [one, other] = await Promise.all([stat(wanted), stat(there).catch(() => undefined)]);
  if (other === undefined || one.size !== other.size || modeOf(one.mode) !== modeOf(other.mode)) return false;
  if (one.dev === other.dev && one.ino === other.ino) return true;
  return (await readFile(wanted)).equals(await readFile(there));
}
