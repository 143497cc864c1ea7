import { dirname } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { type Watch, type WatchDirectory, createDirectoryWatch } from "./directory-watch.ts";
import { createReadQueue } from "./read-queue.ts";
import { type Directory, type ReadDirectory, hasChanged, refusedDirectory } from "./store-directory.ts";

export interface StoreTree {
  isThere(): boolean;
  /** Those that have been read. */
  directories(): IteratorObject<Directory>;
  /** Resolves when all folders are read that may hold something of these hosts. */
  readFirst(hosts: readonly string[]): Promise<void>;
  /** Resolves when nothing is left to be read. */
  settled(): Promise<void>;
}

interface TreeOptions {
  signal: AbortSignal;
  /** A directory as it was and is; undefined: it is not there. */
  onDirectory: (before: Directory | undefined, after: Directory | undefined) => void;
  /** All that was to be read has been. */
  onSettled: () => void;
  watch: WatchDirectory;
  read: ReadDirectory;
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
const MAX_DIRECTORIES = 100_000;
/** Most of the time goes by waiting for the disk. */
const AT_ONCE = 16;

/** Reads all directories of the store and then, whenever inotify names one that changed, that one. */
export function watchStoreTree(root: string, { signal, onDirectory, onSettled, watch, read }: TreeOptions): StoreTree {
  const known = new Map<string, Known>();
  const watchAt = createDirectoryWatch(watch, root, touch);
  const queue = createReadQueue();
  const inHand = new Set<string>();
  const dirty = new Set<string>();
  let gathering = false;
  let running: Promise<void> | undefined;
  let waiting: (() => void)[] = [];

  async function readQueued(): Promise<void> {
    for (let paths = queue.take(AT_ONCE); paths.length > 0 && !signal.aborted; paths = queue.take(AT_ONCE)) {
      for (const path of paths) inHand.add(path);
      await Promise.all(paths.map(readOne));
      inHand.clear();
      if (queue.hasOnlyOthers()) release();
    }
    running = undefined;
    release();
    if (!signal.aborted) onSettled();
  }

  function release(): void {
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  async function readOne(path: string): Promise<void> {
    if (isOrphan(path)) return;
    // Watched before it is read, so that nothing falls in between; anew, as another may stand at its path now.
    const watched = watchAt(path);
    const directory = await readJudged(path);
    const before = known.get(path);
    before?.watcher?.close();
    if (directory === undefined || isOrphan(path) || signal.aborted) {
      watched.watcher?.close();
      return forget(path);
    }
    const isAnother = before?.directory.identity !== directory.identity;
    for (const folder of before?.directory.folders ?? []) {
      if (isAnother || !directory.folders.has(folder)) forget(folder);
    }
    known.set(path, { directory, ...watched });
    onDirectory(before?.directory, directory);
    for (const folder of directory.folders) if (!known.has(folder)) queue.add(folder);
  }

  /** Undefined when there is no such directory. */
  async function readJudged(path: string): Promise<Directory | undefined> {
    const isTooMany = known.size >= MAX_DIRECTORIES && !known.has(path);
    if (isTooMany) return refusedDirectory(path, "the store has too many folders");
    try {
      const directory = await read(root, path);
      const isLoop = ancestors(path).some((each) => known.get(each)?.directory.identity === directory.identity);
      return isLoop ? refusedDirectory(path, "it leads back to a folder above it") : directory;
    } catch (error) {
      return isGone(error) ? undefined : refusedDirectory(path, "it can not be read");
    }
  }

  /** Whether the folder above it no longer has it. */
  function isOrphan(path: string): boolean {
    const parent = path.includes("/") ? dirname(path) : "";
    return path !== "" && known.get(parent)?.directory.folders.has(path) !== true;
  }

  function forget(path: string): void {
    const gone = known.get(path);
    if (gone === undefined) return;
    for (const folder of gone.directory.folders) forget(folder);
    gone.watcher?.close();
    known.delete(path);
    onDirectory(gone.directory, undefined);
  }

  function touch(path: string): void {
    dirty.add(path);
    if (gathering) return;
    gathering = true;
    wait(GATHERING, undefined, { ref: false, signal }).then(
      () => {
        gathering = false;
        for (const each of dirty) if (each === "" || known.has(each) || inHand.has(each)) queue.addFirst(each);
        dirty.clear();
        run();
      },
      () => undefined,
    );
  }

  function run(): void {
    // Known before it can end.
    running ??= Promise.resolve().then(readQueued);
  }

  async function sweep(): Promise<void> {
    for (const [path, { directory }] of known) if (await hasChanged(root, path, directory)) touch(path);
    if (!known.has("")) touch("");
  }

  let sweeps = 0;
  const timer = setInterval(() => {
    sweeps += 1;
    const isDue = known.values().some(({ isShort }) => isShort) || !known.has("") || sweeps % FULL_SWEEP === 0;
    if (isDue && running === undefined && !gathering) void sweep();
  }, SWEEP).unref();
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    for (const { watcher } of known.values()) watcher?.close();
  });

  queue.addFirst("");
  run();
  return {
    isThere: () => known.has(""),
    directories: () => known.values().map(({ directory }) => directory),
    readFirst: async (hosts) => {
      if (running === undefined) return;
      queue.prefer(hosts);
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      await promise;
    },
    settled: async () => await running,
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
