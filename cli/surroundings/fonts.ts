import { stat } from "node:fs/promises";
import { join } from "node:path";

/** The directories of fonts that there are: the distribution's, the machine's and the user's. */
export async function findFonts({ XDG_DATA_HOME = "" }: NodeJS.ProcessEnv, home: string): Promise<string[]> {
  const data = XDG_DATA_HOME.startsWith("/") ? XDG_DATA_HOME : join(home, ".local/share");
  const places = ["/usr/share/fonts", "/usr/local/share/fonts", join(data, "fonts"), join(home, ".fonts")];
  const found = await Promise.all(places.map((place) => stat(place).catch(() => undefined)));
  return places.filter((_, index) => found[index]?.isDirectory() === true);
}
