import type { Entry } from "#protocol/messages.ts";

/** The entries whose label or user name has every word that was typed, in their order. */
export function filterEntries(entries: Entry[], typed: string): Entry[] {
  const words = typed.toLowerCase().split(/\s+/);
  return entries.filter(({ label, username }) => {
    const shown = `${label} ${username ?? ""}`.toLowerCase();
    return words.every((word) => shown.includes(word));
  });
}
