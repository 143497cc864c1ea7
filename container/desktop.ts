import type { MountSettings } from "dockerode";
import type { Surroundings } from "#protocol/generated/control.ts";
import { readOnly } from "./mounts.ts";

// What the browser is told of the desktop around it: languages and locale, time zone, whether it is dark, its fonts.
// Every browser that is not in a sandbox knows these as well, and shows them to every page: what a page learns from
// them here is what it would learn there, and it counts among what tells one visitor from another. The directories of
// fonts are read-only; who owns the browser can copy the font files.

export type Desktop = Pick<Surroundings, "languages" | "timeZone" | "colorScheme" | "fonts">;

/** Below a directory that fontconfig looks through, in the order in which they are given. */
export function fontMounts(fonts: string[]): MountSettings[] {
  return fonts.map((source, index) => readOnly(source, `/usr/local/share/fonts/${index}`));
}

/** @returns `NAME=VALUE`, of which surroundings.cfg in the image reads those that begin with POSTERN */
export function desktopEnvironment({ languages, timeZone, colorScheme }: Desktop): string[] {
  const [first] = languages;
  return [
    `LANG=${first === undefined ? "C.UTF-8" : localeOf(first)}`,
    `POSTERN_COLOR_SCHEME=${colorScheme}`,
    ...(first === undefined ? [] : [`POSTERN_LANGUAGES=${accepted(languages).join(", ")}`]),
    ...(timeZone === undefined ? [] : [`TZ=${timeZone}`]),
  ];
}

/** As Firefox's own editions have it: each language also without its territory, and English at last. */
function accepted(languages: string[]): string[] {
  const asked = languages.flatMap((tag, index) => {
    const [language = tag] = tag.split("-");
    const isLastOfIts = !languages.slice(index + 1).some((later) => later.split("-")[0] === language);
    return isLastOfIts ? [tag, language] : [tag];
  });
  const all = asked.some((tag) => tag.startsWith("en-") || tag === "en") ? asked : [...asked, "en-US", "en"];
  return [...new Set(all)];
}

/** A tag as setlocale(3) wants it. */
function localeOf(tag: string): string {
  const { language, region, script } = new Intl.Locale(tag);
  const modifier = script === "Latn" ? "@latin" : "";
  return `${language}${region === undefined ? "" : `_${region}`}.UTF-8${modifier}`;
}
