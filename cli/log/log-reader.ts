import type { FileHandle } from "node:fs/promises";
import { StringDecoder } from "node:string_decoder";
import { openLog } from "./open-log.ts";

const CHUNK = 64 * 1024;

/** Far longer than any that the broker writes: a vault that was broken in must not take all of the reader's memory. */
const MAX_LINE = 64 * 1024;

export interface LogReader extends AsyncDisposable {
  /**
   * The lines that were completed since the last call, also when the log was rotated meanwhile: then those of the
   * former file come first.
   * @throws PosternError `internal` when what is there can not be taken for the log
   */
  news(): AsyncGenerator<string>;
  /** What stands after the last of them: a line that is being written, or that was cut off. */
  rest(): string;
}

/** Reads a log that may be appended to, rotated or cut short while it is read. It need not exist yet. */
export function createLogReader(path: string, uid: number): LogReader {
  const buffer = Buffer.alloc(CHUNK);
  let file: FileHandle | undefined;
  let position = 0;
  let rest = "";
  let decoder = new StringDecoder("utf8");

  async function* news(): AsyncGenerator<string> {
    const there = await openLog(path, uid);
    if (file !== undefined) yield* completed(file);
    if (there === undefined) return;
    if (file !== undefined && (await isSame(file, there))) {
      const { size } = await there.stat();
      await there.close();
      if (size >= position) return;
    } else {
      // Whatever it ends with: nobody writes to it any more.
      if (rest !== "") yield rest;
      await file?.close();
      file = there;
    }
    [position, rest, decoder] = [0, "", new StringDecoder("utf8")];
    yield* completed(file);
  }

  async function* completed(from: FileHandle): AsyncGenerator<string> {
    for (let count = await read(from); count > 0; count = await read(from)) {
      const lines = (rest + decoder.write(buffer.subarray(0, count))).split("\n");
      rest = (lines.pop() ?? "").slice(0, MAX_LINE);
      yield* lines.filter((line) => line !== "");
    }
  }

  async function read(from: FileHandle): Promise<number> {
    const { bytesRead } = await from.read(buffer, 0, CHUNK, position);
    position += bytesRead;
    return bytesRead;
  }

  return { news, rest: () => rest, [Symbol.asyncDispose]: async () => await file?.close() };
}

async function isSame(one: FileHandle, other: FileHandle): Promise<boolean> {
  const [a, b] = await Promise.all([one.stat(), other.stat()]);
  return a.dev === b.dev && a.ino === b.ino;
}
