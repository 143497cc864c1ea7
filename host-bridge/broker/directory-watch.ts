import type { FSWatcher } from "node:fs";
import { join } from "node:path";

export interface Watch {
  watcher?: FSWatcher;
  /** The system ran out of watches. */
  isShort: boolean;
}

export type WatchDirectory = (path: string, options: { persistent: false }) => FSWatcher;

/**
 * Tells by inotify when names in directories come or go, or when one goes itself.
 * @param touch called with the directory's path, and with that of the name that came or went where that is known
 * @returns what watches the directory at a path below the root
 */
export function createDirectoryWatch(
  watch: WatchDirectory,
  root: string,
  touch: (path: string) => void,
): (path: string) => Watch {
  const paths = new WeakMap<FSWatcher, string>();

  // One function for all of them and for both events: there may be many directories.
  function onEvent(this: FSWatcher, event: unknown, name?: unknown): void {
    // The other event is for what a file holds.
    if (event === "change") return;
    const path = paths.get(this) ?? "";
    touch(path);
    if (typeof name === "string") touch(join(path, name));
  }

  return (path) => {
    try {
      const watcher = watch(join(root, path), { persistent: false });
      paths.set(watcher, path);
      watcher.on("error", onEvent).on("change", onEvent);
      return { watcher, isShort: false };
    } catch (error) {
      return {
        isShort: error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EMFILE"),
      };
    }
  };
}
