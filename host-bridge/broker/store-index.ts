import { watch } from "node:fs";
import type { OriginParts } from "#protocol/origin.ts";
import type { WatchDirectory } from "./directory-watch.ts";
import { type Match, createEntriesByHost } from "./entries-by-host.ts";
import type { EntryName } from "./entry-name.ts";
import { type Aliases, hostsFor } from "./match.ts";
import { type Directory, type ReadDirectory, readDirectory } from "./store-directory.ts";
import { storeUnavailable } from "./store-file.ts";
import { watchStoreTree } from "./store-tree.ts";

export interface StoreIndex {
  /** How many entries the store has, those without a site included. */
  readonly size: number;
  /** All that have been read. @throws PosternError `store_unavailable` */
  names(): ReadonlySet<EntryName>;
  /** Entries for a page among what has been read and is visible, best first. @throws PosternError `store_unavailable` */
  candidates(page: OriginParts, aliases?: Aliases, isVisible?: (name: EntryName) => boolean): Match[];
  /** Resolves when all is read that may have entries for a page: at once, but right after the start. */
  look(page: OriginParts, aliases?: Aliases): Promise<void>;
  /** Resolves when nothing is left to be read. */
  settled(): Promise<void>;
}

export interface IndexOptions {
  /** Aborted: the store is no longer watched. */
  signal: AbortSignal;
  /** Told once of everything that looks like an entry and is not taken; the path is safe to show. */
  onSkipped: (path: string, reason: string) => void;
  /** These entries came or went, after the whole store had been read once. */
  onChange: (names: ReadonlySet<EntryName>) => void;
  watch?: WatchDirectory;
  read?: ReadDirectory;
}

const NO_ALIASES: Aliases = new Map();

/** The store's names, kept as they are on the disk. A store that is not there yet is found when it comes. */
export function openIndex(storeRoot: string, options: IndexOptions): StoreIndex {
  const { signal, onSkipped, onChange } = options;
  const byHost = createEntriesByHost();
  let size = 0;
  let isWhole = false;
  let changed = new Set<EntryName>();

  function onDirectory(before: Directory | undefined, after: Directory | undefined): void {
    const [old, now] = [new Set(before?.entries), new Set(after?.entries)];
    const [added, removed] = [now.difference(old), old.difference(now)];
    byHost.remove(removed);
    // The folder's own array where all of it is new.
    byHost.add(after !== undefined && added.size === after.entries.length ? after.entries : [...added]);
    size += added.size - removed.size;
    for (const name of isWhole ? added.union(removed) : []) {
      // What went and came again meanwhile is as it was.
      if (!changed.delete(name)) changed.add(name);
    }
    for (const [path, reason] of after?.skipped ?? []) if (before?.skipped.has(path) !== true) onSkipped(path, reason);
  }

  function onSettled(): void {
    isWhole = true;
    const names = changed;
    changed = new Set();
    if (names.size > 0) onChange(names);
  }

  const { watch: watching = watch, read = readDirectory } = options;
  const tree = watchStoreTree(storeRoot, { signal, onDirectory, onSettled, watch: watching, read });
  return {
    get size() {
      return size;
    },
    names() {
      if (!tree.isThere()) throw storeUnavailable();
      return new Set(tree.directories().flatMap(({ entries }) => entries));
    },
    candidates(page, aliases = NO_ALIASES, isVisible) {
      if (!tree.isThere()) throw storeUnavailable();
      return byHost.candidates(page, aliases, isVisible);
    },
    look: (page, aliases = NO_ALIASES) => tree.readFirst(hostsFor(page, aliases)),
    settled: tree.settled,
  };
}
