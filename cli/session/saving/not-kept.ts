import { PosternError } from "#protocol/error.ts";

/**
 * Something stands in the way of what is kept beside the store. The browser that wanted something saved is told as well:
 * neither where that lies, which has the user's name in it, nor which folder an entry is in.
 */
export function notKept(): PosternError {
  return new PosternError(
    "internal",
    "What Postern keeps beside the store can not be written, so nothing was saved.",
    "See whether the disk is full, and whose it is, with: df ~/.local/state/postern; ls -la ~/.local/state/postern",
  );
}
