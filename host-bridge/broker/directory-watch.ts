import type { FSWatcher } from "node:fs";
import { join } from "node:path";

export interface Watch {
  watcher?: FSWatcher;
  /** The system ran out of watches. */
  isShort: boolean;
}

export type WatchDirectory = (path: string, options: { persistent: false }) => FSWatcher;

/**
 * Tells by inotify when names in a directory come or go, or when it goes itself.
 * @param path of the directory below the root
 * @param touch called with the directory's path, and with that of the name that came or went where that is known
 */
export function watchDirectory(
  watch: WatchDirectory,
  root: string,
  path: string,
  touch: (path: string) => void,
): Watch {
  try {
    const watcher = watch(join(root, path), { persistent: false });
    // One function for both, and nothing more that is kept for it: there may be many directories.
    const onEvent = (event: unknown, name?: unknown): void => {
      // The other event is for what a file holds.
      if (event === "change") return;
      touch(path);
      if (typeof name === "string") touch(join(path, name));
    };
    watcher.on("error", onEvent).on("change", onEvent);
    return { watcher, isShort: false };
  } catch (error) {
    return {
      isShort: error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EMFILE"),
    };
  }
}
