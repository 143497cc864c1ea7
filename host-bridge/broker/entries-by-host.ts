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

/** The entries whose name tells a site. Only names are kept, as there may be many; the rest is read from them. */
export function createEntriesByHost(): EntriesByHost {
  const byHost = new Map<string, readonly EntryName[]>();

  function add(names: readonly EntryName[]): void {
    const added = Map.groupBy(names, (name) => siteOfFile(name).site?.host);
    for (const [host, some] of added) {
      if (host === undefined) continue;
      // A folder's array where that is all of it, else one without room for more: there may be many.
      const own = some.length === names.length ? names : some.slice();
      byHost.set(host, byHost.get(host)?.concat(own) ?? own);
    }
  }

  function remove(gone: ReadonlySet<EntryName>): void {
    const hosts = new Set([...gone].map((name) => siteOfFile(name).site?.host ?? ""));
    for (const host of hosts) {
      const left = (byHost.get(host) ?? []).filter((name) => !gone.has(name));
      if (left.length > 0) byHost.set(host, left);
      else byHost.delete(host);
    }
  }

  function candidates(page: OriginParts, aliases: Aliases, isVisible: (name: EntryName) => boolean = all): Match[] {
    const names = hostsFor(page, aliases).flatMap((host) => (byHost.get(host) ?? []).filter(isVisible));
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
