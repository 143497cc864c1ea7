import { isIPv4, isIPv6 } from "node:net";
import { domainToASCII } from "node:url";
import { parse } from "tldts";
import type { EntryName } from "./entry-name.ts";
import { remember } from "#protocol/remember.ts";

/** What an entry is for. */
export interface Site {
  /** As in `OriginParts`: lower-case ASCII, an IPv6 address in brackets. */
  host: string;
  /** Undefined: any port. */
  port?: number;
}

export interface SiteOfEntry {
  site?: Site;
  /** The user name that the path tells. */
  username?: string;
  /** The name from the part that names the site downward; without a site, the last part. */
  label: string;
}

/**
 * Reads site and user from a name alone. The site is the deepest part that is a host; but below a folder that
 * is one, the last part is a user name unless it is that host or below it: `bank.com/max.sh` is bank.com's.
 */
export function siteOfEntry(name: EntryName): SiteOfEntry {
  const parts = name.split("/");
  const leaf = parts.pop() ?? "";
  const folderSites = parts.map(parseSite);
  const depth = folderSites.findLastIndex((site) => site !== undefined);
  const folderSite = folderSites[depth];

  if (folderSite === undefined) {
    const { username, site } = parseUserAtSite(leaf);
    return { ...(site && { site }), ...(site && username !== undefined && { username }), label: leaf };
  }
  const leafSite = parseSite(leaf);
  if (leafSite !== undefined && isSameOrBelow(leafSite.host, folderSite.host)) {
    // The folder's port still holds: a name may narrow what the folders above it say, never widen it.
    return { site: { ...folderSite, ...leafSite }, label: leaf };
  }
  return { site: folderSite, username: leaf, label: [...parts.slice(depth), leaf].join("/") };
}

/** The host of whatever lies in a folder and is nobody else's; undefined: it may be anyone's. */
export function hostOfFolder(path: string): string | undefined {
  const sites = path.split("/").map(parseSite);
  return sites.findLast((site) => site !== undefined)?.host;
}

/** The site as people write it. */
export function siteText({ host, port }: Site): string {
  return port === undefined ? host : `${host}:${port}`;
}

/** `host` or `host:port`; undefined for what is no host name that the Public Suffix List knows, nor an address. */
export const parseSite = remember((text): Readonly<Site> | undefined => {
  const whole = parseHost(text);
  if (whole !== undefined) return { host: whole };
  const [, hostText = "", portText = ""] = /^(.+):([1-9]\d{0,4})$/.exec(text) ?? [];
  const host = hostText.includes(":") && !hostText.startsWith("[") ? undefined : parseHost(hostText);
  const port = Number(portText);
  return host === undefined || port > 65_535 ? undefined : { host, port };
});

/** A user name, if any, before the last `@`. */
function parseUserAtSite(text: string): { username?: string; site?: Site | undefined } {
  const at = text.lastIndexOf("@");
  if (at <= 0) return { site: parseSite(text) };
  return { username: text.slice(0, at), site: parseSite(text.slice(at + 1)) };
}

/** Labels of letters, digits, `-` and `_` in any script, two at least: `work` and `app` are suffixes too. */
const NAME = /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)+$/u;

function parseHost(text: string): string | undefined {
  if (text.toLowerCase() === "localhost") return "localhost";
  if (isIPv4(text)) return text;
  const address = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  // A zone (`%eth0`) means something on one machine only, and no origin has one.
  if (isIPv6(address) && !address.includes("%")) return new URL(`http://[${address}]`).hostname;
  if (!NAME.test(text)) return undefined;
  const host = domainToASCII(text);
  return isKnownName(host) ? host : undefined;
}

function isKnownName(host: string): boolean {
  if (host === "" || host.length > 253) return false;
  const { isIcann, isPrivate } = parse(host, { allowPrivateDomains: true, extractHostname: false });
  return isIcann === true || isPrivate === true;
}

function isSameOrBelow(host: string, parent: string): boolean {
  return host === parent || host.endsWith(`.${parent}`);
}
