import { readFile, readlink } from "node:fs/promises";
import { join } from "node:path";

/**
 * The time zone's name: TZ's, else the system's.
 * @param etc the directory of the system's configuration
 * @returns undefined when there is none that this program knows as well, a rule of one's own in TZ for one
 */
export async function findTimeZone({ TZ }: NodeJS.ProcessEnv, etc = "/etc"): Promise<string | undefined> {
  const places = [
    async () => (TZ === undefined || TZ === "" ? undefined : TZ.replace(/^:/, "")),
    () => readlink(join(etc, "localtime")),
    async () => (await readFile(join(etc, "timezone"), "utf8")).trim(),
  ];
  for (const place of places) {
    const said = await place().catch(() => undefined);
    const name = said?.replace(/^.*\/zoneinfo\//, "").replace(/^(?:posix|right)\//, "");
    if (name !== undefined && isKnown(name)) return name;
  }
  return undefined;
}

function isKnown(name: string): boolean {
  // An offset is taken as well, but is no name of the database's.
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions();
    return true;
  } catch {
    return false;
  }
}
