import { constants } from "node:fs";
import { type FileHandle, open, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import type { EntryName } from "./entry-name.ts";

const MAX_BYTES = 1024 * 1024;
/** A FIFO must not block, a terminal not become ours. Node itself adds O_CLOEXEC. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * An entry's bytes. The file is opened once, and all that is judged is judged on what was opened: a link swapped
 * in between changes nothing. Links inside the store are fine.
 * @param boundary the directory that no link may lead out of
 * @throws PosternError `store_unavailable`, `entry_invalid`
 */
export async function readCiphertext(storeRoot: string, name: EntryName, boundary = storeRoot): Promise<Uint8Array> {
  const root = await realpath(boundary).catch(() => {
    throw storeUnavailable();
  });
  const file = await open(join(storeRoot, `${name}.gpg`), FLAGS).catch((error: unknown) => {
    throw invalid(isMissing(error) ? "is no longer in the store" : "can not be opened");
  });
  try {
    const { size } = await judge(file, root);
    return await readAll(file, size);
  } finally {
    await file.close();
  }
}

export function storeUnavailable(): PosternError {
  return new PosternError("store_unavailable", "The password store is not there.", "Create it with: pass init");
}

async function judge(file: FileHandle, root: string): Promise<{ size: number }> {
  const found = await file.stat();
  if (!found.isFile()) throw invalid("is not a regular file");
  if (found.size > MAX_BYTES) throw invalid("is larger than 1 MiB");
  const path = await readlink(`/proc/self/fd/${file.fd}`);
  if (!path.startsWith(`${root}/`)) throw invalid("leads out of the store");
  return found;
}

/** Reads what was there when the file was judged; it may have been cut since, and may not have grown. */
async function readAll(file: FileHandle, size: number): Promise<Uint8Array> {
  const bytes = Buffer.alloc(size + 1);
  let length = 0;
  for (;;) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length, null);
    if (bytesRead === 0) return bytes.subarray(0, length);
    length += bytesRead;
    if (length > size) throw invalid("changed while it was read");
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}

function invalid(what: string): PosternError {
  return new PosternError("entry_invalid", `The entry ${what}.`, "Look the entries up again.");
}
