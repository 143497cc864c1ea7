import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { PosternError } from "#protocol/error.ts";

/**
 * Opens the log to read it; undefined where there is none. The vault may put anything in its place: a link to a file of
 * the user's, or a pipe that would keep its reader.
 * @throws PosternError `internal` when it is not a regular file of the user's own
 */
export async function openLog(path: string, uid: number): Promise<FileHandle | undefined> {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;
  try {
    await using parts = new AsyncDisposableStack();
    const file = parts.use(await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
    const found = await file.stat();
    if (!found.isFile() || found.uid !== uid) throw unusable(path);
    parts.move();
    return file;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw unusable(path);
  }
}

function unusable(path: string): PosternError {
  return new PosternError(
    "internal",
    `The log ${path} can not be read, or is not a file of yours.`,
    `Look at what it is, its owner and its mode: ls -l ${path}`,
  );
}
