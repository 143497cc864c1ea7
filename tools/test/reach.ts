import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** What a test file needs beyond a clone with its npm packages, by what it imports. */
export interface Reach {
  usesEngine: boolean;
  /** A desktop, a sound server, a bus, a browser. */
  usesMore: boolean;
  /** Programs that it cannot do without. */
  programs: string[];
}

const TEST = join(import.meta.dirname, "../../test");
const IMPORT = /^(?:import|export|\}) .*?from "([.#][^"]*\.[jt]s)";$/gm;
const ENGINE = ["#container/engine.ts", "container/running.ts", "harness/postern.ts"];
const MORE = [
  "harness/bus-service.ts",
  "harness/compositor.ts",
  "harness/internet-side.ts",
  "harness/newer-sway.ts",
  "harness/own-chromium.ts",
  "harness/own-firefox.ts",
  "harness/sound-server.ts",
];
const PROGRAMS: Record<string, string[]> = {
  "harness/git-store.ts": ["git"],
  "harness/oathtool.ts": ["oathtool"],
  "harness/pass-store.ts": ["gpg", "pass"],
  "consent/ask-by-pinentry.test.ts": ["pinentry-curses"],
  "broker/ignore-rules.test.ts": ["git"],
  "manifests/systemd.test.ts": ["systemd-analyze"],
};

/** @param file absolute */
export function reachOf(file: string): Reach {
  const imported = importedBy(file, new Set());
  const within = (names: string[]): boolean => names.some((name) => imported.has(name));
  const programs = Object.entries(PROGRAMS).flatMap(([name, needed]) => (within([name]) ? needed : []));
  return { usesEngine: within(ENGINE), usesMore: within(MORE), programs: [...new Set(programs)] };
}

/** The file itself and what it imports, directly or by others of the tests' own. */
function importedBy(file: string, known: Set<string>): Set<string> {
  const name = relative(TEST, file);
  if (known.has(name)) return known;
  known.add(name);
  for (const [, from = ""] of readFileSync(file, "utf8").matchAll(IMPORT)) {
    if (from.startsWith("#test/")) importedBy(join(TEST, from.slice("#test/".length)), known);
    else if (from.startsWith(".")) importedBy(join(dirname(file), from), known);
    else known.add(from);
  }
  return known;
}
