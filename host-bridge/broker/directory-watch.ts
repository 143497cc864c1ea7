import type { FSWatcher } from "node:fs";

export interface Watch {
  watcher?: FSWatcher;
  /** The system ran out of watches. */
  isShort: boolean;
}

export type WatchDirectory = (path: string, options: { persistent: false }) => FSWatcher;

/**
 * Tells by inotify when names in a directory come or go, or when it goes itself.
 * @param onName called with a name that did; undefined when only the directory is known to have changed
 */
export function watchDirectory(watch: WatchDirectory, path: string, onName: (name: string | undefined) => void): Watch {
  try {
    const watcher = watch(path, { persistent: false });
    const onEvent = (event: unknown, name?: unknown): void => {
      // The other event is for what a file holds.
      if (event !== "change") onName(typeof name === "string" ? name : undefined);
    };
    watcher.on("error", onEvent).on("change", onEvent);
    return { watcher, isShort: false };
  } catch (error) {
    return {
      isShort: error instanceof Error && "code" in error && (error.code === "ENOSPC" || error.code === "EMFILE"),
    };
  }
}
