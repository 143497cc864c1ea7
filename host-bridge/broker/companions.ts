import { OTP_KEYS, PASSWORD_KEYS, USER_KEYS } from "#protocol/login-keys.ts";
import { type EntryName, parseEntryName } from "./entry-name.ts";
import type { HeldEntry } from "./handles.ts";
import { type SiteOfEntry, siteOfEntry } from "./site.ts";

/** The other files of an entry that lies in several, as passff writes them. */
export interface Companions {
  /** The name that tells the user: the folder of a directory entry. */
  title: EntryName;
  username?: EntryName;
  otp?: EntryName;
  /** `name.meta`: the user name first, then keys and values. */
  meta?: EntryName;
}

const META = ".meta";
/** Files of a directory entry that nothing here reads. */
const URL_KEYS = ["url", "http"];
const PARTS = new Set([...PASSWORD_KEYS, ...USER_KEYS, ...OTP_KEYS, ...URL_KEYS]);

/** As `siteOfEntry`, but `example.com.meta`, whose own name tells none, has the site of what it belongs to. */
export function siteOfFile(name: EntryName): SiteOfEntry {
  const own = siteOfEntry(name);
  const base = own.site === undefined && name.endsWith(META) ? parseEntryName(name.slice(0, -META.length)) : undefined;
  return base === undefined ? own : siteOfEntry(base);
}

/** Whether a name could be taken for that of a part of another entry. */
export function isOfPart(name: EntryName): boolean {
  const [, leaf] = parted(name);
  return leaf.endsWith(META) || PARTS.has(leaf);
}

/**
 * Makes one entry of those that belong together: `name` with `name.meta`; a folder's `password` with its `login` and
 * `totp`. Without a password beside them, those names are names like others.
 * @param entries all that the hosts of a page have, or that a gate sees
 */
export function foldCompanions<Entry extends HeldEntry>(entries: readonly Entry[]): Entry[] {
  if (!entries.some(({ name }) => isOfPart(name))) return [...entries];
  const names = new Map<string, EntryName>(entries.map(({ name }) => [name, name]));
  const parts = new Map(entries.map(({ name }) => [parted(name).join("/"), name]));
  const beside = (folder: string, keys: readonly string[]): EntryName | undefined =>
    parts.get(`${folder}/${keys.find((key) => parts.has(`${folder}/${key}`))}`);

  function fold(entry: Entry): Entry[] {
    const { name, site } = entry;
    if (name.endsWith(META)) {
      const isOfOther = names.has(name.slice(0, -META.length));
      // One that has its site from what it belongs to, and that is not there.
      const isOfNothing = site !== undefined && siteOfEntry(name).site === undefined;
      if (isOfOther || isOfNothing) return [];
    }
    const meta = names.get(`${name}${META}`);
    if (meta !== undefined) return [{ ...entry, companions: { title: name, meta } }];
    return foldFolder(entry);
  }

  function foldFolder(entry: Entry): Entry[] {
    const [folder, leaf] = parted(entry.name);
    const title = PARTS.has(leaf) ? parseEntryName(folder) : undefined;
    const password = beside(folder, PASSWORD_KEYS);
    if (title === undefined || password === undefined) return [entry];
    const { site, username, label } = siteOfEntry(title);
    if (site?.host !== entry.site?.host) return [entry];
    if (password !== entry.name) return [];
    const [user, otp] = [beside(folder, USER_KEYS), beside(folder, OTP_KEYS)];
    const companions = { title, ...(user && { username: user }), ...(otp && { otp }) };
    const folded = { ...entry, label, companions };
    delete folded.username;
    return [username === undefined ? folded : { ...folded, username }];
  }

  return entries.flatMap(fold);
}

/** Folder, and leaf in lower case. */
function parted(name: EntryName): [folder: string, leaf: string] {
  const at = name.lastIndexOf("/");
  return [name.slice(0, Math.max(at, 0)), name.slice(at + 1).toLowerCase()];
}
