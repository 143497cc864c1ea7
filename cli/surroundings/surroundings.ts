import type { Surroundings } from "#protocol/generated/control.ts";
import type { Context } from "../context.ts";
import { findColorScheme } from "./color-scheme.ts";
import { findDownloads } from "./downloads.ts";
import { findFonts } from "./fonts.ts";
import { languagesOf } from "./languages.ts";
import { findSoundServer } from "./sound-server.ts";
import { findTimeZone } from "./time-zone.ts";

type Asked = Pick<Context, "environment" | "home">;

/** What the desktop around the command is like. What can not be found out is left out; nothing here fails. */
export async function findSurroundings({ environment, home }: Asked): Promise<Surroundings> {
  const [timeZone, colorScheme, fonts, downloads, sound] = await Promise.all([
    findTimeZone(environment),
    findColorScheme(environment),
    findFonts(environment, home),
    findDownloads(environment, home),
    findSoundServer(environment, home),
  ]);
  return {
    languages: languagesOf(environment),
    colorScheme,
    fonts,
    downloads,
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(sound === undefined ? {} : { sound }),
  };
}
