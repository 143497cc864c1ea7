import { randomInt } from "node:crypto";
import { PosternError } from "#protocol/error.ts";
import type { Save } from "#protocol/messages.ts";
import { CHARACTERS, parsePasswordRules } from "./password-rules.ts";

const USUAL_LENGTH = 20;
const SHORTEST = 4;
const LONGEST = 128;
/** A required character may come to stand beside its like; what is refused after these was hardly meant. */
const TRIES = 20;

const CHARSETS = {
  ascii: CHARACTERS["ascii-printable"],
  alphanumeric: CHARACTERS.upper + CHARACTERS.lower + CHARACTERS.digit,
  digits: CHARACTERS.digit,
};

/**
 * A random password. What the rules say of length and characters comes before what the request says.
 * @throws PosternError `bad_message` when no password can be as the rules want it
 */
export function makePassword({ length = USUAL_LENGTH, charset = "ascii", rules = "" }: Generate): string {
  const { minLength, maxLength, maxConsecutive, required, allowed } = parsePasswordRules(rules);
  const named = [...required, allowed].join("");
  const alphabet = [...new Set(named === "" ? CHARSETS[charset] : named)];
  const count = Math.min(Math.max(length, minLength, required.length), maxLength);
  if (count < Math.max(SHORTEST, required.length, minLength) || count > LONGEST) throw impossible();

  const filling = Array.from({ length: count - required.length }, () => alphabet);
  const sets = [...required.map((set) => [...new Set(set)]), ...filling];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const password = drawnOfEach(shuffled(sets), maxConsecutive);
    if (password !== undefined) return password;
  }
  throw impossible();
}

type Generate = NonNullable<Save["generate"]>;

/** A character of each, in this order; undefined where there is none left but one that stood there too often in a row. */
function drawnOfEach(sets: readonly (readonly string[])[], maxConsecutive: number): string | undefined {
  let [password, last, run] = ["", "", 0];
  for (const set of sets) {
    const left = run < maxConsecutive ? set : set.filter((character) => character !== last);
    if (left.length === 0) return undefined;
    const character = left[randomInt(left.length)] ?? "";
    run = character === last ? run + 1 : 1;
    last = character;
    password += character;
  }
  return password;
}

/** Fisher and Yates's. */
function shuffled<T>(all: readonly T[]): T[] {
  const rest = [...all];
  return all.flatMap(() => rest.splice(randomInt(rest.length), 1));
}

function impossible(): PosternError {
  return new PosternError("bad_message", "request/generate: no password can be as the rules want it.");
}
