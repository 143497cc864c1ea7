import type { OriginParts } from "#protocol/origin.ts";
import { type Companions, foldCompanions, siteOfFile } from "./companions.ts";
import type { EntryName } from "./entry-name.ts";
import { type Aliases, type MatchKind, hostsFor, matchEntry } from "./match.ts";
import type { Site } from "./site.ts";

export interface IndexedEntry {
  name: EntryName;
  site: Site;
  username?: string;
  label: string;
  /** Its other files, where it has some. */
  companions?: Companions;
}

export interface Match {
  entry: IndexedEntry;
  match: MatchKind;
}

export interface EntriesByHost {
  /** @param names none of which was added before; kept as they are */
  add(names: readonly EntryName[]): void;
  remove(names: ReadonlySet<EntryName>): void;
  /**
   * Entries for a page, best first: found by a few look-ups, however many entries there are. What is not visible is
   * no part of another either.
   */
  candidates(page: OriginParts, aliases: Aliases, isVisible?: (name: EntryName) => boolean): Match[];
}

/** From so many on, a host's array is one that grows: each addition would copy all. */
const MANY = 64;

/** The entries whose name tells a site. Only names are kept, as there may be many; the rest is read from them. */
export function createEntriesByHost(): EntriesByHost {
  /** Without the room for more that a growing array has: most hosts have a few, in one folder whose own array it is. */
  const few = new Map<string, readonly EntryName[]>();
  const many = new Map<string, EntryName[]>();
  const namesOf = (host: string): readonly EntryName[] => many.get(host) ?? few.get(host) ?? [];

  function add(names: readonly EntryName[]): void {
    const added = Map.groupBy(names, (name) => siteOfFile(name).site?.host);
    for (const [host, some] of added)
      if (host !== undefined) addTo(host, some.length < names.length ? some.slice() : names);
  }

  function addTo(host: string, names: readonly EntryName[]): void {
    const growing = many.get(host);
    if (growing !== undefined) {
      for (const name of names) growing.push(name);
      return;
    }
    const before = few.get(host);
    const all = before === undefined ? names : before.concat(names);
    if (before === undefined || all.length < MANY) {
      few.set(host, all);
      return;
    }
    few.delete(host);
    many.set(host, [...all]);
  }

  function remove(gone: ReadonlySet<EntryName>): void {
    const hosts = new Set([...gone].map((name) => siteOfFile(name).site?.host ?? ""));
    for (const host of hosts) {
      const left = namesOf(host).filter((name) => !gone.has(name));
      many.delete(host);
      if (left.length > 0) few.set(host, left);
      else few.delete(host);
    }
  }

  function candidates(page: OriginParts, aliases: Aliases, isVisible: (name: EntryName) => boolean = all): Match[] {
    const names = hostsFor(page, aliases).flatMap((host) => namesOf(host).filter(isVisible));
    const matches = foldCompanions(names.flatMap(indexed)).flatMap((entry) => {
      const match = matchEntry(page, entry.site, aliases);
      return match === undefined ? [] : [{ entry, match }];
    });
    return matches.toSorted(byFitness);
  }

  return { add, remove, candidates };
}

const all = (): boolean => true;

function indexed(name: EntryName): IndexedEntry[] {
  const { site, username, label } = siteOfFile(name);
  return site === undefined ? [] : [{ name, site, ...(username !== undefined && { username }), label }];
}

const RANK: Record<MatchKind, number> = { exact: 0, parent: 1, alias: 2 };

/** The closer host, then the one that names the port, then by name. */
function byFitness(a: Match, b: Match): number {
  return (
    RANK[a.match] - RANK[b.match] ||
    b.entry.site.host.length - a.entry.site.host.length ||
    Number(b.entry.site.port !== undefined) - Number(a.entry.site.port !== undefined) ||
    (a.entry.name < b.entry.name ? -1 : 1)
  );
}
