import type { OriginParts } from "#protocol/origin.ts";
import { remember } from "#protocol/remember.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import type { Site } from "./site.ts";

export type MatchKind = "exact" | "parent" | "alias";
/** A host, and the hosts whose entries it may have as well. */
export type Aliases = ReadonlyMap<string, readonly string[]>;

/** How an entry's site serves a page: under its own host, a parent of it, or a host it is configured to share with. */
export function matchEntry(page: OriginParts, site: Site, aliases: Aliases): MatchKind | undefined {
  const direct = matchSite(page, site);
  if (direct !== undefined) return direct;
  const isAlias = aliasHosts(page.host, aliases).some((host) => matchSite({ ...page, host }, site) !== undefined);
  return isAlias ? "alias" : undefined;
}

/** `exact` for the page's host itself, `parent` for one above it down to the registrable domain; the port must fit. */
export function matchSite(page: OriginParts, site: Site): "exact" | "parent" | undefined {
  if (site.port !== undefined && site.port !== page.port) return undefined;
  if (site.host === page.host) return "exact";
  return hostAndParents(page.host).includes(site.host) ? "parent" : undefined;
}

/** Every host whose entries a page may have, those of aliases included. */
export function hostsFor(page: OriginParts, aliases: Aliases): string[] {
  return [...new Set([page.host, ...aliasHosts(page.host, aliases)].flatMap(hostAndParents))];
}

/** Every host whose entries a page at `host` may have, nearest first, without those of aliases. */
export const hostAndParents = remember((host: string): readonly string[] => {
  const labels = host.split(".");
  const above = Math.max(0, labels.length - registrableDomain(host).split(".").length);
  return Array.from({ length: above + 1 }, (_, dropped) => labels.slice(dropped).join("."));
});

/** The hosts that configuration lends to this one or to a parent of it. */
function aliasHosts(host: string, aliases: Aliases): string[] {
  return hostAndParents(host).flatMap((each) => aliases.get(each) ?? []);
}
