import { constants } from "node:fs";
import { type FileHandle, lstat, mkdir, open } from "node:fs/promises";
import { join, sep } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { notWritable } from "#wire/not-writable.ts";

/** An open directory that was reached through no link. What is done in it can not be led elsewhere any more. */
export interface Directory extends AsyncDisposable {
  /** For people. */
  readonly path: string;
  /** What it was reached from: is there, whatever becomes of this one. */
  readonly start: string;
  /** A name in it, as a path for the system. */
  at(name: string): string;
}

const FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/**
 * Opens a directory step by step, each step below the one that is open, so that no link is followed, whenever it comes
 * to be there. The home directory itself may be reached by one: it is where the user said that it is.
 * @param onMade makes what is not there, and is told of each directory that was made
 * @returns undefined when there is none and none was to be made
 * @throws PosternError `internal` when a link or a file is in the way, or when it can not be made
 */
export async function openDirectory(
  home: string,
  path: string,
  onMade?: (path: string) => void,
): Promise<Directory | undefined> {
  const start = path === home || path.startsWith(home + sep) ? home : sep;
  let handle = await open(start, constants.O_RDONLY | constants.O_DIRECTORY).catch((error: unknown) => {
    throw notWritable(start, error);
  });
  let at = start;
  try {
    for (const name of path.slice(start.length).split(sep).filter(Boolean)) {
      const above = handle;
      at = join(at, name);
      const below = await openBelow(above, name, { path: at, start }, onMade);
      await above.close();
      if (below === undefined) return undefined;
      handle = below;
    }
    const opened = handle;
    return { path, start, at: (name) => inside(opened, name), [Symbol.asyncDispose]: () => opened.close() };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function openBelow(
  above: FileHandle,
  name: string,
  { path, start }: { path: string; start: string },
  onMade: ((path: string) => void) | undefined,
): Promise<FileHandle | undefined> {
  const place = inside(above, name);
  try {
    return await open(place, FLAGS);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw await inTheWay(place, { path, start }, error);
    if (onMade === undefined) return undefined;
  }
  try {
    await mkdir(place, { mode: 0o700 });
    onMade(path);
    return await open(place, FLAGS);
  } catch (error) {
    throw await inTheWay(place, { path, start }, error);
  }
}

/** The kernel's name for what is called so in an open directory (proc_pid_fd(5)). */
function inside(directory: FileHandle, name: string): string {
  return `/proc/self/fd/${directory.fd}/${name}`;
}

async function inTheWay(
  place: string,
  { path, start }: { path: string; start: string },
  error: unknown,
): Promise<PosternError> {
  const found = await lstat(place).catch(() => undefined);
  if (found?.isSymbolicLink() === true) return isLink(path);
  return notWritable(path, error, start);
}

/** Postern writes and removes nothing through a link: it could be somebody else's, and lead anywhere. */
export function isLink(path: string): PosternError {
  return new PosternError(
    "internal",
    `${path} is a link, and Postern writes through none.`,
    `See where it leads, and put the real one in its place: ls -l ${path}`,
  );
}

export function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
