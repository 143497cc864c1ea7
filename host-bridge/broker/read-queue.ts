import { hostOfFolder } from "./site.ts";

/** Folders that are to be read. Those that may hold anything come first, then those of hosts that somebody waits for. */
export interface ReadQueue {
  add(path: string): void;
  /** Before all others, whatever it is. */
  addFirst(path: string): void;
  /** From now on, folders of these hosts come before those of other hosts. */
  prefer(hosts: readonly string[]): void;
  /** At most so many, and none of the others with those that come first; none at all when nothing is left. */
  take(most: number): string[];
  /** Whether all is read that comes first. */
  hasOnlyOthers(): boolean;
}

export function createReadQueue(): ReadQueue {
  const first = new Set<string>();
  const others = new Map<string, string>();
  const preferred = new Set<string>();

  function add(path: string): void {
    const host = hostOfFolder(path);
    if (host === undefined || preferred.has(host)) first.add(path);
    else others.set(path, host);
  }

  function prefer(hosts: readonly string[]): void {
    for (const host of hosts) preferred.add(host);
    for (const [path, host] of others) if (preferred.has(host)) addFirst(path);
  }

  function addFirst(path: string): void {
    others.delete(path);
    first.add(path);
  }

  function take(most: number): string[] {
    const taken = [...(first.size > 0 ? first : others).keys().take(most)];
    for (const path of taken) {
      first.delete(path);
      others.delete(path);
    }
    if (taken.length === 0) preferred.clear();
    return taken;
  }

  return { add, addFirst, prefer, take, hasOnlyOthers: () => first.size === 0 };
}
