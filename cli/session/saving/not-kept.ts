import { PosternError } from "#protocol/error.ts";
import { notWritable } from "#wire/not-writable.ts";

/**
 * What stands in the way of what is kept beside the store. The browser that wanted something saved is told as well, so
 * where it lies, and which folder an entry is in, is said in the session's own log alone.
 * @param place a directory that is there, on the same disk
 */
export function notKept(path: string, error: unknown, place?: string): PosternError {
  const { message, hint } = notWritable(path, error, place);
  process.stderr.write(`postern: error: ${message}\npostern: hint: ${hint}\n`);
  return new PosternError(
    "internal",
    "What Postern keeps beside the store can not be written, so nothing was saved.",
    "The session's log says what is in the way; perhaps the disk is full.",
  );
}
