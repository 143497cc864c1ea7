import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { link, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { notWritable } from "#wire/not-writable.ts";
import { type Directory, codeOf, isLink } from "./directory.ts";

/** No file of Postern's own is longer. */
const LONGEST = 1024 * 1024;

/** A file as it is found. Anything but a plain file of some length has an empty digest, which no file of ours has. */
export interface FoundFile {
  digest: string;
  text: string;
  mode: number;
}

export const UNKNOWN: FoundFile = { digest: "", text: "", mode: 0 };

/** @throws PosternError `internal` when it is a link */
export async function findFile(directory: Directory, name: string): Promise<FoundFile | undefined> {
  try {
    // Not waiting for whoever would write into a pipe.
    const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    await using file = await open(directory.at(name), flags);
    const { size, mode } = await file.stat();
    const isPlain = (mode & constants.S_IFMT) === constants.S_IFREG && size <= LONGEST;
    if (!isPlain) return UNKNOWN;
    const content = await file.readFile();
    return { digest: digestOf(content), text: content.toString(), mode: mode & 0o777 };
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "ELOOP") throw isLink(join(directory.path, name));
    return UNKNOWN;
  }
}

/**
 * Writes a file whole or not at all.
 * @param isNew nothing is there, and what has come to be there meanwhile is left alone
 * @throws PosternError `internal` when it can not be written
 */
export async function writeFileWhole(
  directory: Directory,
  name: string,
  { text, mode }: { text: string; mode: number },
  isNew: boolean,
): Promise<void> {
  const path = join(directory.path, name);
  const draft = directory.at(draftOf(name));
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    // Of an installation that was killed.
    await unlink(draft).catch(() => undefined);
    await using file = await open(draft, flags, mode);
    await file.writeFile(text);
    // Whatever the user's mask says.
    await file.chmod(mode);
    await file.sync();
    if (isNew) await link(draft, directory.at(name));
    else await rename(draft, directory.at(name));
  } catch (error) {
    throw codeOf(error) === "EEXIST" ? notOurs(path) : notWritable(path, error, directory.start);
  } finally {
    await unlink(draft).catch(() => undefined);
  }
}

/** What a file is called while it is written. */
export function draftOf(name: string): string {
  return `.${name}.postern-draft`;
}

export function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

export function notOurs(path: string): PosternError {
  return new PosternError(
    "internal",
    `${path} is there already, and is not as postern install wrote it.`,
    `Look at it, move it away, then try again: mv ${path} ${path}.old; postern install`,
  );
}
