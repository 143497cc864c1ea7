import { dirname } from "node:path";
import { PosternError } from "#protocol/error.ts";

/**
 * What stands in the way of a file or directory of Postern's own.
 * @param place a directory that is there, on the same disk
 */
export function notWritable(path: string, error: unknown, place = dirname(path)): PosternError {
  const cause = error instanceof Error && "code" in error ? error.code : "";
  const isFull = cause === "ENOSPC" || cause === "EDQUOT";
  return new PosternError(
    "internal",
    isFull ? `There is no room on the disk for ${path}.` : `${path} can not be written.`,
    isFull
      ? `Make room, then try again. See how much there is with: df ${place}`
      : `See what is in the way with: namei --long ${path}`,
  );
}
