import type { OriginParts } from "#protocol/origin.ts";
import { type Companions, foldCompanions, siteOfFile } from "./companions.ts";
import type { EntryName } from "./entry-name.ts";
import { type Aliases, type MatchKind, aliasHosts, hostAndParents, matchEntry } from "./match.ts";
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
  add(name: EntryName): void;
  remove(name: EntryName): void;
  /** Entries for a page, best first: found by a few look-ups, however many entries there are. */
  candidates(page: OriginParts, aliases: Aliases): Match[];
}

/** The entries whose name tells a site. */
export function createEntriesByHost(): EntriesByHost {
  const byHost = new Map<string, Map<EntryName, IndexedEntry>>();

  function add(name: EntryName): void {
    const { site, username, label } = siteOfFile(name);
    if (site === undefined) return;
    const entries = byHost.get(site.host) ?? new Map<EntryName, IndexedEntry>();
    entries.set(name, { name, site, ...(username !== undefined && { username }), label });
    byHost.set(site.host, entries);
  }

  function remove(name: EntryName): void {
    const { site } = siteOfFile(name);
    const entries = site && byHost.get(site.host);
    entries?.delete(name);
    if (entries?.size === 0 && site !== undefined) byHost.delete(site.host);
  }

  function candidates(page: OriginParts, aliases: Aliases): Match[] {
    const hosts = new Set([page.host, ...aliasHosts(page.host, aliases)].flatMap(hostAndParents));
    const entries = [...hosts].flatMap((host) => [...(byHost.get(host)?.values() ?? [])]);
    const matches = foldCompanions(entries).flatMap((entry) => {
      const match = matchEntry(page, entry.site, aliases);
      return match === undefined ? [] : [{ entry, match }];
    });
    return matches.toSorted(byFitness);
  }

  return { add, remove, candidates };
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
