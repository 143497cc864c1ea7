import { PosternError } from "#protocol/error.ts";
import type { OriginParts } from "#protocol/origin.ts";
import { isOfPart } from "./companions.ts";
import type { IndexedEntry } from "./entries-by-host.ts";
import { type EntryName, inertText, parseEntryName } from "./entry-name.ts";
import { type Site, parseSite, siteOfEntry, siteText } from "./site.ts";

const DEFAULT_PORTS = { https: 443, http: 80 };
/** With four bytes a character at most, a file's name stays within 255 bytes. */
const MAX_CHARACTERS = 60;
const MAX_NUMBER = 9;

/**
 * Names the entry of a new login: the page's host, with a port that is not the usual one, and below it the user name.
 * All of it in the folder that the gate sees, where it does not see everything. Never a name that is taken, and never one that would be read as another site's or as part of another entry.
 * @throws PosternError `entry_invalid` when there is none left
 */
export async function nameNewEntry(
  { scheme, host, port }: OriginParts,
  username: string | undefined,
  folder: string | undefined,
  isFree: (name: EntryName) => Promise<boolean>,
): Promise<IndexedEntry> {
  const site: Site = port === DEFAULT_PORTS[scheme] ? { host } : { host, port };
  if (parseSite(siteText(site)) === undefined) throw nameless();
  for (const text of candidates(siteText(site), username)) {
    const name = parseEntryName(folder === undefined ? text : `${folder}/${text}`);
    const read = name && siteOfEntry(name);
    if (name === undefined || read?.site?.host !== site.host || read.site.port !== site.port) continue;
    if (isOfPart(name) || !(await isFree(name))) continue;
    return { name, site, label: read.label, ...(read.username !== undefined && { username: read.username }) };
  }
  throw new PosternError(
    "entry_invalid",
    "There are logins of this site under every name for the new one.",
    "Replace one of them, or write it yourself with: pass insert",
  );
}

function nameless(): PosternError {
  return new PosternError(
    "entry_invalid",
    "No name tells an entry of this site: its host is under no known suffix.",
    "Write it under any name with: pass insert; then choose it for the page.",
  );
}

function candidates(site: string, username: string | undefined): string[] {
  // Without a user name the name may not tell one.
  if (username === undefined) return [site, `${site}/${site}`];
  const leaf = leafOf(username);
  const numbered = Array.from({ length: MAX_NUMBER - 1 }, (_, at) => `${leaf}-${at + 2}`);
  return [leaf, ...numbered].map((each) => `${site}/${each}`);
}

/** The user name as a file's; what it really is stands in the entry. */
function leafOf(username: string): string {
  const plain = inertText(username)
    .replaceAll("/", "_")
    .trim()
    .replace(/^(?:[.-]|$)/, "_");
  return plain.slice(0, MAX_CHARACTERS).toWellFormed().replaceAll("\u{FFFD}", "_");
}
