import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Watch, type WatchDirectory, watchDirectory } from "./directory-watch.ts";
import { type Directory, hasChanged, readDirectory, refusedDirectory } from "./store-directory.ts";

export interface StoreTree {
  /** Every directory as it was last read; empty while there is no store. */
  directories(): Iterable<Directory>;
  isThere(): boolean;
}

interface TreeOptions {
  signal: AbortSignal;
  /** Called when something has been read again, however little it changed. */
  onRead: () => void;
  watch: WatchDirectory;
}

interface Known extends Watch {
  directory: Directory;
}

/** One save is several events. */
const GATHERING = 50;
const SWEEP = 1_000;
/** Every so many sweeps all is looked at: a full inotify queue drops events, and Node does not tell. */
const FULL_SWEEP = 30;
/** Links may make endlessly many paths of few directories. */
const MAX_DIRECTORIES = 10_000;

/** Reads all directories of the store and then, whenever inotify names one that changed, that one. */
export async function watchStoreTree(root: string, { signal, onRead, watch }: TreeOptions): Promise<StoreTree> {
  const known = new Map<string, Known>();
  const dirty = new Set<string>();
  let pending: Promise<void> | undefined;

  async function read(path: string): Promise<void> {
    const before = known.get(path);
    // Watched before it is read, so that nothing falls in between; anew, as another may stand at its path now.
    const watched = watchDirectory(watch, join(root, path), (name) => {
      touch(path);
      if (name !== undefined) touch(join(path, name));
    });
    before?.watcher?.close();
    const directory = await readJudged(path);
    if (directory === undefined || signal.aborted) {
      watched.watcher?.close();
      return forget(path);
    }
    if (before !== undefined && before.directory.identity !== directory.identity) forget(path);
    known.set(path, { directory, ...watched });
    for (const folder of before?.directory.folders ?? []) if (!directory.folders.has(folder)) forget(folder);
    for (const folder of directory.folders) if (!known.has(folder)) await read(folder);
  }

  /** Undefined when there is no such directory. */
  async function readJudged(path: string): Promise<Directory | undefined> {
    const isTooMany = known.size >= MAX_DIRECTORIES && !known.has(path);
    if (isTooMany) return refusedDirectory(path, "the store has too many folders");
    try {
      const directory = await readDirectory(root, path);
      const isLoop = ancestors(path).some((each) => known.get(each)?.directory.realPath === directory.realPath);
      return isLoop ? refusedDirectory(path, "it leads back to a folder above it") : directory;
    } catch (error) {
      return isGone(error) ? undefined : refusedDirectory(path, "it can not be read");
    }
  }

  function forget(path: string): void {
    for (const [each, { watcher }] of known) {
      if (path !== "" && each !== path && !each.startsWith(`${path}/`)) continue;
      watcher?.close();
      known.delete(each);
    }
  }

  function touch(path: string): void {
    dirty.add(path);
    pending ??= wait(GATHERING, undefined, { ref: false, signal })
      .then(readDirty)
      .then(onRead, () => undefined);
  }

  async function readDirty(): Promise<void> {
    while (dirty.size > 0) {
      const paths = [...dirty].toSorted();
      dirty.clear();
      for (const path of paths) if (path === "" || known.has(path)) await read(path);
    }
    pending = undefined;
    signal.throwIfAborted();
  }

  async function sweep(): Promise<void> {
    for (const [path, { directory }] of known) if (await hasChanged(root, path, directory)) touch(path);
    if (!known.has("")) touch("");
  }

  let sweeps = 0;
  const timer = setInterval(() => {
    sweeps += 1;
    const isDue = known.values().some(({ isShort }) => isShort) || !known.has("") || sweeps % FULL_SWEEP === 0;
    if (isDue && pending === undefined) void sweep();
  }, SWEEP).unref();
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    forget("");
  });

  dirty.add("");
  pending = readDirty();
  await pending;
  return {
    directories: () => known.values().map(({ directory }) => directory),
    isThere: () => known.has(""),
  };
}

/** The root is above all but itself. */
function ancestors(path: string): string[] {
  if (path === "") return [];
  const parts = path.split("/");
  return parts.map((_, length) => parts.slice(0, length).join("/"));
}

function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR");
}
