/**
 * Several stores, in prose.
 *
 * They lie beside one another, each a folder of its name in what the broker takes for the store, and a name such as
 * `work/example.com/alice` tells whose an entry is. Whoever may write to one of them need not be trusted with another:
 * a link, and a password that is a reference, lead to entries of the same store alone, and `.browserpass.json` is about
 * the store that it lies in. The folders of a gate's policy say which stores it sees.
 */
import { join } from "node:path";
import { type IgnoredEntries, openIgnored } from "./ignored-entries.ts";
import type { Login } from "./login.ts";

export interface StorePlace {
  /** The one store; or the directory that several are in. */
  store: string;
  /** The names of these several, in the order in which new entries are offered to them; none for the one. */
  stores: readonly string[];
}

/** The directory that no link may lead out of, for what lies at a path in the store. */
export function boundaryOf({ store, stores }: StorePlace, path: string): string {
  return stores.length === 0 ? store : join(store, firstPart(path));
}

/** Which folder a new entry comes to lie in; undefined: in none. @param folders that the gate may see */
export function folderForNew({ stores }: StorePlace, folders: readonly string[] | undefined): string | undefined {
  if (stores.length === 0) return folders?.[0];
  return folders?.find((folder) => stores.includes(firstPart(folder))) ?? stores[0];
}

/** A login that points at another entry does it by the name that this one has in the same store. */
export function referenceFrom({ stores }: StorePlace, entry: string, login: Login): Login {
  const { reference } = login;
  if (stores.length === 0 || reference === undefined) return login;
  return { ...login, reference: `${firstPart(entry)}/${reference}` };
}

/** What each of the stores has tools leave out of itself. */
export async function openIgnoredIn(
  { store, stores }: StorePlace,
  options: Parameters<typeof openIgnored>[1],
): Promise<IgnoredEntries> {
  if (stores.length === 0) return await openIgnored(store, options);
  const open = async (name: string) => [name, await openIgnored(join(store, name), options)] as const;
  const each = new Map(await Promise.all(stores.map(open)));
  return {
    has: (entry) => {
      const name = firstPart(entry);
      return each.get(name)?.has(entry.slice(name.length + 1)) === true;
    },
  };
}

function firstPart(path: string): string {
  return path.split("/", 1)[0] ?? "";
}
