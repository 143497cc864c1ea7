import { closeSync, constants, fstatSync, openSync, readSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import type { EntryName } from "./entry-name.ts";

const MAX_BYTES = 1024 * 1024;
/** A FIFO must not block, a terminal not become ours. Node itself adds O_CLOEXEC. */
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * An entry's bytes. The file is opened once, and all that is judged is judged on what was opened: a link swapped
 * in between changes nothing. Links inside the store are fine. All in one go: it is a few small calls, and Node's threads
 * would take longer for the way to each than it does.
 * @param boundary the directory that no link may lead out of
 * @throws PosternError `store_unavailable`, `entry_invalid`
 */
export function readCiphertext(storeRoot: string, name: EntryName, boundary = storeRoot): Uint8Array {
  const file = open(join(storeRoot, `${name}.gpg`), boundary);
  try {
    return readAll(file, judge(file, boundary));
  } finally {
    closeSync(file);
  }
}

function open(path: string, boundary: string): number {
  try {
    return openSync(path, FLAGS);
  } catch (error) {
    resolved(boundary);
    throw invalid(isMissing(error) ? "is no longer in the store" : "can not be opened");
  }
}

function resolved(boundary: string): string {
  try {
    return realpathSync.native(boundary);
  } catch {
    throw storeUnavailable();
  }
}

export function storeUnavailable(): PosternError {
  return new PosternError("store_unavailable", "The password store is not there.", "Create it with: pass init");
}

/** @returns its size in bytes */
function judge(file: number, boundary: string): number {
  const found = fstatSync(file);
  if (!found.isFile()) throw invalid("is not a regular file");
  if (found.size > MAX_BYTES) throw invalid("is larger than 1 MiB");
  const path = readlinkSync(`/proc/self/fd/${file}`);
  // The system's own path of what was opened: below the boundary as it is written, where no link leads to that either.
  const isInside = path.startsWith(`${boundary}/`) || path.startsWith(`${resolved(boundary)}/`);
  if (!isInside) throw invalid("leads out of the store");
  return found.size;
}

/** Reads what was there when the file was judged; it may have been cut since, and may not have grown. */
function readAll(file: number, size: number): Uint8Array {
  const bytes = Buffer.alloc(size + 1);
  let length = 0;
  for (;;) {
    const bytesRead = readSync(file, bytes, length, bytes.length - length, null);
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
