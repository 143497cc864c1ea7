/** `de_AT.UTF-8@euro`, of which the character set does not matter (setlocale(3)). */
const LOCALE = /^(?<language>[a-z]{2,3})(?:_(?<territory>[A-Z]{2}|\d{3}))?(?:\.[\w-]+)?(?:@(?<modifier>\w+))?$/;
const SCRIPTS: Record<string, string> = { latin: "Latn", cyrillic: "Cyrl", devanagari: "Deva" };
const MOST = 16;

/**
 * The languages that the environment asks for, as gettext understands it: LANGUAGE's list, then the locale's own. In
 * the locale `C` nothing is asked for.
 * @returns BCP 47 tags, each once, the one liked best first
 */
export function languagesOf({ LC_ALL, LC_MESSAGES, LANG, LANGUAGE = "" }: NodeJS.ProcessEnv): string[] {
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== "") ?? "";
  const own = tagOf(locale);
  if (own === undefined) return [];
  const tags = [...LANGUAGE.split(":").map(tagOf), own].filter((tag) => tag !== undefined);
  return [...new Set(tags)].slice(0, MOST);
}

function tagOf(locale: string): string | undefined {
  const { language, territory, modifier = "" } = LOCALE.exec(locale)?.groups ?? {};
  if (language === undefined) return undefined;
  return [language, SCRIPTS[modifier], territory].filter((part) => part !== undefined).join("-");
}
