import { readFile } from "node:fs/promises";

/**
 * This machine's own IPv4 addresses, from the kernel's routing tables: those of interfaces without a carrier too (an
 * idle bridge answers all the same), and of routes that make a whole network local.
 * @returns addresses, and networks as ADDRESS/LENGTH, in order
 */
export async function ownAddresses(): Promise<string[]> {
  return localAddresses(await readFile("/proc/net/fib_trie", "utf8"));
}

/** @param tables as `/proc/net/fib_trie` has them: an address on a line, below it a line for each of its routes */
export function localAddresses(tables: string): string[] {
  const found = Array.from(tables.matchAll(/\|-- ([\d.]+)\n((?: +\/\d+ .*\n)+)/g), ([, address = "", routes = ""]) =>
    Array.from(routes.matchAll(/\/(\d+) host LOCAL$/gm), ([, length]) =>
      length === "32" ? address : `${address}/${length}`,
    ),
  );
  return [...new Set(found.flat())].toSorted();
}
