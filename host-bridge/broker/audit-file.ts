import { writeSync } from "node:fs";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { join } from "node:path";

export interface AuditFile extends AsyncDisposable {
  /** Appends a line, whole or not at all; one call at a time. @throws the system's error */
  append(line: string): Promise<void>;
}

/**
 * `audit.jsonl` in `directory`. When it has become too long it takes the place of `audit.1.jsonl`; what was lasting in
 * that one is added to `audit.kept.jsonl`, which is never rotated. Each has the mode 0600.
 * @param isLasting whether a line is to be kept
 * @param maxBytes the length from which on it is too long
 * @throws the system's error
 */
export async function openAuditFile(
  directory: string,
  isLasting: (line: string) => boolean,
  maxBytes: number,
): Promise<AuditFile> {
  const current = join(directory, "audit.jsonl");
  const former = join(directory, "audit.1.jsonl");
  const kept = join(directory, "audit.kept.jsonl");
  let file = await openToAppend(current);
  let { size } = await file.stat();
  let rotateAt = maxBytes;
  // A line that was cut off ends here, and does not swallow the next.
  let before = (await endsWithin(file, size)) ? "\n" : "";

  async function append(line: string): Promise<void> {
    if (size >= rotateAt) await rotate().catch(() => (rotateAt = size + maxBytes));
    const bytes = Buffer.from(`${before}${line}\n`);
    await appendWhole(file, bytes);
    size += bytes.length;
    before = "";
  }

  /** At every moment each lasting line is in one of the files; where this can not be done, the log goes on as it is. */
  async function rotate(): Promise<void> {
    await keepLasting();
    await rename(current, former);
    const next = await openToAppend(current);
    await file.close();
    file = next;
    [size, rotateAt] = [0, maxBytes];
  }

  async function keepLasting(): Promise<void> {
    const from = await open(former, "r").catch(() => undefined);
    if (from === undefined) return;
    await using to = await openToAppend(kept);
    // What was cut off here, by a full disk or an end in between, must not swallow the next either.
    if (await endsWithin(to, (await to.stat()).size)) await to.appendFile("\n");
    // Closes what it reads at its end.
    for await (const line of from.readLines()) {
      if (line !== "" && isLasting(line)) await to.appendFile(`${line}\n`);
    }
    await to.sync();
    // Not kept a second time, should the rest fail.
    await rm(former);
  }

  return { append, [Symbol.asyncDispose]: () => file.close() };
}

function openToAppend(path: string): Promise<FileHandle> {
  return open(path, "a+", 0o600);
}

async function endsWithin(file: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== "\n";
}

/**
 * A disk that is full takes a part of a line, which is taken out again. Not by one of Node's threads: every answer waits
 * for its line, and the way to a thread takes longer than the line.
 */
async function appendWhole(file: FileHandle, bytes: Buffer): Promise<void> {
  let written = 0;
  try {
    while (written < bytes.length) written += writeSync(file.fd, bytes, written);
  } catch (error) {
    if (written > 0) await file.truncate((await file.stat()).size - written).catch(() => undefined);
    throw error;
  }
}
