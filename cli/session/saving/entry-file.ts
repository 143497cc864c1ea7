import { lstat, mkdir, readFile, realpath, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { notKept } from "./not-kept.ts";

/** No entry is larger, in bytes: whoever can push may have put anything in its place. */
const MAX_ENTRY = 1024 * 1024;

/** Where an entry's ciphertext lies, or will lie. */
export interface EntryFile {
  path: string;
  /** The deepest folder on the way to it that is there. */
  folder: string;
  /** What is there now. */
  bytes: Buffer | undefined;
}

/**
 * Looks where an entry is to be written. Its folders may be links within the store, as people use them; the file
 * itself may not be one.
 * @throws PosternError `entry_invalid` when that would write outside the store or over something else
 */
export async function findEntryFile(store: string, entry: string): Promise<EntryFile> {
  const root = await realpath(store);
  const path = join(root, `${entry}.gpg`);
  let folder = dirname(path);
  while ((await lstat(folder).catch(() => undefined)) === undefined) folder = dirname(folder);
  const real = await realpath(folder).catch(() => "");
  // What is hidden in it is none of the store: `.git` is git's own.
  const isHidden = relative(root, real)
    .split("/")
    .some((part) => part.startsWith("."));
  if (real === "" || isHidden) throw invalid("would lie outside the store");
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return { path, folder, bytes: undefined };
  if (!found.isFile()) throw invalid("is not a regular file");
  if (found.size > MAX_ENTRY) throw invalid("is larger than an entry can be");
  return { path, folder, bytes: await readFile(path) };
}

/**
 * Keeps what is about to be replaced. The vault can not write where it is kept.
 * @param folder of everything that was replaced
 * @throws PosternError `internal` when it can not be kept
 */
export async function keepReplaced(folder: string, entry: string, bytes: Uint8Array, now: number): Promise<void> {
  const stamp = new Date(now).toISOString().replaceAll(":", "-");
  const path = join(folder, entry, `${stamp}.gpg`);
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, bytes, { mode: 0o600, flag: "wx", flush: true });
  } catch {
    throw notKept();
  }
}

/**
 * Puts back what was there: gpg, where it fails, removes what it should have replaced.
 * @throws PosternError `internal` when that fails as well
 */
export async function putBack({ path, bytes }: EntryFile): Promise<void> {
  if (bytes === undefined || (await lstat(path).catch(() => undefined)) !== undefined) return;
  const own = `${path}.${process.pid}`;
  try {
    // Of an earlier process that was killed; or a link that somebody pushed.
    await rm(own, { force: true });
    await writeFile(own, bytes, { mode: 0o600, flag: "wx", flush: true });
    await rename(own, path);
  } catch {
    await rm(own, { force: true }).catch(() => undefined);
    throw new PosternError(
      "internal",
      "pass could not write the entry, and what was there could not be put back.",
      "It is kept in Postern's state directory: copy the newest from ~/.local/state/postern/replaced into the store.",
    );
  }
}

function invalid(what: string): PosternError {
  return new PosternError("entry_invalid", `The entry ${what}.`, "Look at it in the store, with: ls -l");
}
