import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The one that is looked up and decrypted. */
export const PROBE = { entry: "web/probe.example.com/alice", origin: "https://www.probe.example.com" };

/** How many entries a folder of a site has. */
const USERS = 2;
const CATEGORIES = ["home", "money", "shops", "web", "work"];

/** A store as people have it: a folder a site, in folders by category, with an entry for each of their users there. */
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
  const site = Math.floor(index / USERS);
  return `${CATEGORIES[site % CATEGORIES.length]}/site${site}.example.net/user${index % USERS}`;
}
