import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The one that is looked up and decrypted. */
export const PROBE = { entry: "web/probe.example.com/alice", origin: "https://www.probe.example.com" };

/** How many entries a folder of a site has. */
const USERS = 5;
const CATEGORIES = ["home", "money", "shops", "web", "work"];

/**
 * A store as people have it: half of the entries are files named for their site in folders by category, half are users
 * in a folder of their site.
 */
export async function makeBigStore(store: string, entries: number, content: Uint8Array): Promise<void> {
  const names = [PROBE.entry, ...Array.from({ length: entries - 1 }, (_, index) => nameOf(index))];
  const folders = new Set(names.map((name) => dirname(join(store, name))));
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 });
  await writeFile(join(store, ".gpg-id"), "Bench\n");
  for (const name of names) await writeFile(join(store, `${name}.gpg`), content, { mode: 0o600 });
}

/** The same entry, to another key. */
export async function replaceProbe(store: string, content: Uint8Array): Promise<void> {
  await writeFile(join(store, `${PROBE.entry}.gpg`), content);
}

function nameOf(index: number): string {
  const half = Math.floor(index / 2);
  const site = Math.floor(half / USERS);
  if (index % 2 === 0) return `${CATEGORIES[half % CATEGORIES.length]}/shop${half}.example.com`;
  return `web/site${site}.example.net/user${half % USERS}`;
}
