import { lstat, mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { notWritable } from "#wire/not-writable.ts";

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
  if (!`${real}/`.startsWith(`${root}/`)) throw invalid("would lie outside the store");
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return { path, folder, bytes: undefined };
  if (!found.isFile()) throw invalid("is not a regular file");
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
  } catch (error) {
    throw notWritable(path, error, folder);
  }
}

/** Puts back what was there: gpg, where it fails, removes what it should have replaced. */
export async function putBack({ path, bytes }: EntryFile): Promise<void> {
  if (bytes === undefined || (await lstat(path).catch(() => undefined)) !== undefined) return;
  const own = `${path}.${process.pid}`;
  await writeFile(own, bytes, { mode: 0o600, flag: "wx", flush: true });
  await rename(own, path);
}

function invalid(what: string): PosternError {
  return new PosternError("entry_invalid", `The entry ${what}.`, "Look at it in the store, with: ls -l");
}
