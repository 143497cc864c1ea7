import { existsSync, globSync } from "node:fs";
import { join } from "node:path";

/** Folders of sources whose tests lie elsewhere than below test/FOLDER. */
const BRIDGE = "host-bridge";

/**
 * The tests of a folder or file: of sources, whose tests mirror them, or of tests.
 * @param word relative to the project's folder
 * @returns absolute paths, in order; none for what has no tests
 */
export function testsOf(root: string, word: string): string[] {
  const path = word.replace(/\/+$/, "");
  const mirrored = path === BRIDGE ? bridgeFolders(root) : [path.replace(/^(?:test|host-bridge)(?:\/|$)/, "")];
  return mirrored.flatMap((name) => {
    const place = join(root, "test", name);
    if (!name.endsWith(".ts")) return globSync(join(place, "**/*.test.ts")).toSorted();
    const file = name.endsWith(".test.ts") ? place : place.replace(/\.ts$/, ".test.ts");
    return existsSync(file) ? [file] : [];
  });
}

function bridgeFolders(root: string): string[] {
  return globSync(join(root, BRIDGE, "*/tsconfig.json")).map((path) => path.split("/").at(-2) ?? "");
}
