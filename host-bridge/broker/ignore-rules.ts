/** One line of gitignore's. */
interface Rule {
  isNegated: boolean;
  isForFolders: boolean;
  /** For each part of a path. */
  globs: Glob[];
}

/** The tokens of one part; `**` alone stands for any number of parts. */
type Glob = readonly string[];

/**
 * Paths that lines in the manner of gitignore(5) leave out. Matching a path, or a folder above it, takes no longer
 * than the lengths of pattern and path multiplied, whatever the pattern: whoever can write the store can write these.
 */
export function createIgnored(lines: readonly string[]): (path: string) => boolean {
  const rules = lines.flatMap((line) => parseRule(line) ?? []);

  return (path) => {
    const parts = path.split("/").map((part) => Array.from(part));
    // What lies in a folder that is left out can not be taken in again.
    return parts.some((_, index) => {
      const isFolder = index < parts.length - 1;
      const upTo = parts.slice(0, index + 1);
      const last = rules.findLast(({ isForFolders, globs }) => (isFolder || !isForFolders) && matchPath(globs, upTo));
      return last !== undefined && !last.isNegated;
    });
  };
}

function parseRule(line: string): Rule | undefined {
  const text = line.endsWith("\\ ") ? line : line.trimEnd();
  if (text === "" || text.startsWith("#")) return undefined;
  const isNegated = text.startsWith("!");
  const pattern = isNegated ? text.slice(1) : text;
  const isForFolders = pattern.endsWith("/");
  const path = isForFolders ? pattern.slice(0, -1) : pattern;
  const parts = path.split("/");
  if (parts.length === 1) parts.unshift("**");
  if (parts[0] === "") parts.shift();
  // What is below, not the folder itself.
  if (parts.length > 1 && parts.at(-1) === "**") parts.push("*");
  return { isNegated, isForFolders, globs: parts.map(tokensOf) };
}

function tokensOf(part: string): Glob {
  return part === "**" ? ["**"] : (part.match(/\\.|\[[!^]?\]?[^\]]*\]|[\s\S]/gu) ?? []);
}

function matchPath(globs: readonly Glob[], parts: readonly (readonly string[])[]): boolean {
  const [glob, part] = [globs.at(-1), parts.at(-1)];
  // Mostly that is all there is to see.
  if (glob === undefined || part === undefined || !matchPart(glob, part)) return false;
  return matchStars(globs, parts, ([first]) => first === "**", matchPart);
}

/** `*` any text, `?` any character, `[…]` one of these, `\` takes the next as it is. */
function matchPart(glob: Glob, characters: readonly string[]): boolean {
  return matchStars(glob, characters, (token) => token === "*", matchCharacter);
}

function matchCharacter(token: string, character: string): boolean {
  if (token === "?") return true;
  if (token.length > 2 && token.startsWith("[")) return matchClass(token.slice(1, -1), character);
  return (token.length > 1 && token.startsWith("\\") ? token.slice(1) : token) === character;
}

function matchClass(inner: string, character: string): boolean {
  const isNegated = /^[!^]/.test(inner);
  const members = (isNegated ? inner.slice(1) : inner).match(/[\s\S]-[\s\S]|[\s\S]/gu) ?? [];
  const isMember = members.some((member) => {
    const [from = "", dash, to = from] = member;
    return dash === undefined ? from === character : from <= character && character <= to;
  });
  return isMember !== isNegated;
}

/** Goes back to the last star alone: whatever an earlier one could take, the later can take as well. */
function matchStars<G, P>(
  globs: readonly G[],
  parts: readonly P[],
  isStar: (glob: G) => boolean,
  matches: (glob: G, part: P) => boolean,
): boolean {
  let [at, star, taken, place] = [0, -1, 0, 0];
  while (place < parts.length) {
    const glob = globs[at];
    const part = parts[place];
    if (glob !== undefined && isStar(glob)) {
      [star, taken] = [at, place];
      at += 1;
    } else if (glob !== undefined && part !== undefined && matches(glob, part)) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      taken += 1;
      [at, place] = [star + 1, taken];
    } else return false;
  }
  // Without a copy: most of a long pattern may be left here, again and again.
  for (let glob = globs[at]; glob !== undefined; glob = globs[++at]) if (!isStar(glob)) return false;
  return true;
}
