/** Where Debian's packages come from. */
export interface Mirrors {
  archive: string;
  security: string;
}

/** A suite of Debian's own archive; the packages' signatures are checked against Debian's keys all the same. */
const SUITE =
  /^(?:bullseye|bookworm|trixie|forky|sid|oldstable|stable|testing|unstable)(-security|\/updates|-updates)?$/;

/**
 * The mirrors that a machine's own apt uses for Debian. Other vendors' entries are passed over.
 * @returns undefined when one of the two is not said: the updates for security are not left out for that
 * @param sources the text of sources.list and of the files in sources.list.d, in both formats of sources.list(5)
 */
export function debianMirrors(sources: string[]): Mirrors | undefined {
  const entries = sources.flatMap((text) => (/^URIs:/im.test(text) ? deb822(text) : oneLine(text)));
  const ofDebian = entries.filter((entry) => entry.components.includes("main"));
  const find = (isSecurity: boolean): string | undefined =>
    ofDebian.find((entry) => entry.suites.some((suite) => isOf(suite, isSecurity)))?.uri;
  const [archive, security] = [find(false), find(true)];
  return archive === undefined || security === undefined ? undefined : { archive, security };
}

interface Source {
  uri: string;
  suites: string[];
  components: string[];
}

function isOf(suite: string, isSecurity: boolean): boolean {
  const match = SUITE.exec(suite);
  return match !== null && (match[1] === "-security" || match[1] === "/updates") === isSecurity;
}

/** Stanzas of fields, as in debian.sources. */
function deb822(text: string): Source[] {
  const stanzas = text.replaceAll(/^#.*\n/gm, "").split(/\n\s*\n/);
  return stanzas.flatMap((stanza) => {
    const field = (name: string): string[] =>
      new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, "im").exec(stanza)?.[1]?.trim().split(/\s+/) ?? [];
    if (!field("Types").includes("deb") || field("Enabled")[0] === "no") return [];
    return webOnly({ uri: field("URIs")[0] ?? "", suites: field("Suites"), components: field("Components") });
  });
}

/** Lines like `deb [options] URI SUITE COMPONENT…`, as in sources.list. */
function oneLine(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const [, rest] = /^\s*deb\s+(?:\[[^\]]*\]\s+)?([^#]+)/.exec(line) ?? [];
    const [uri = "", suite = "", ...components] = rest?.trim().split(/\s+/) ?? [];
    return webOnly({ uri, suites: [suite], components });
  });
}

function webOnly(source: Source): Source[] {
  return /^https?:\/\//.test(source.uri) ? [{ ...source, uri: source.uri.replace(/\/+$/, "") }] : [];
}
