import { watch } from "node:fs";
import type { OriginParts } from "#protocol/origin.ts";
import type { WatchDirectory } from "./directory-watch.ts";
import { type Match, createEntriesByHost } from "./entries-by-host.ts";
import type { EntryName } from "./entry-name.ts";
import type { Aliases } from "./match.ts";
import { storeUnavailable } from "./store-file.ts";
import { watchStoreTree } from "./store-tree.ts";

export interface StoreIndex {
  /** How many entries the store has, those without a site included. */
  readonly size: number;
  /** All of them. @throws PosternError `store_unavailable` */
  names(): ReadonlySet<EntryName>;
  /** Entries for a page, best first. @throws PosternError `store_unavailable` */
  candidates(page: OriginParts, aliases?: Aliases): Match[];
}

export interface IndexOptions {
  /** Aborted: the store is no longer watched. */
  signal: AbortSignal;
  /** Told once of everything that looks like an entry and is not taken; the path is safe to show. */
  onSkipped: (path: string, reason: string) => void;
  /** These entries came or went. */
  onChange: (names: ReadonlySet<EntryName>) => void;
  watch?: WatchDirectory;
}

const NO_ALIASES: Aliases = new Map();

/** The store's names, kept as they are on the disk. A store that is not there yet is found when it comes. */
export async function openIndex(storeRoot: string, options: IndexOptions): Promise<StoreIndex> {
  const byHost = createEntriesByHost();
  let names = new Set<EntryName>();
  let skipped = new Map<string, string>();

  const { signal } = options;
  const tree = await watchStoreTree(storeRoot, { signal, onRead: update, watch: options.watch ?? watch });
  takeOver();

  function update(): void {
    const changed = takeOver();
    if (changed.size > 0) options.onChange(changed);
  }

  /** The entries that came or went. */
  function takeOver(): Set<EntryName> {
    const directories = [...tree.directories()];
    const now = new Set(directories.flatMap(({ entries }) => [...entries]));
    const [added, removed] = [now.difference(names), names.difference(now)];
    for (const name of removed) byHost.remove(name);
    for (const name of added) byHost.add(name);
    names = now;

    const before = skipped;
    skipped = new Map(directories.flatMap((directory) => [...directory.skipped]));
    for (const [path, reason] of skipped) if (!before.has(path)) options.onSkipped(path, reason);
    return added.union(removed);
  }

  return {
    get size() {
      return names.size;
    },
    names() {
      if (!tree.isThere()) throw storeUnavailable();
      return names;
    },
    candidates(page, aliases = NO_ALIASES) {
      if (!tree.isThere()) throw storeUnavailable();
      return byHost.candidates(page, aliases);
    },
  };
}
