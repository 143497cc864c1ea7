import { randomInt } from "node:crypto";
import { PosternError } from "#protocol/error.ts";
import type { Save } from "#protocol/messages.ts";
import { CHARACTERS, parsePasswordRules } from "./password-rules.ts";

const USUAL_LENGTH = 20;
const SHORTEST = 4;
const LONGEST = 128;
const TRIES = 1_000;

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

  for (let attempt = 0; attempt < TRIES; attempt++) {
    const filling = Array.from({ length: count - required.length }, () => drawn(alphabet));
    const password = shuffled([...required.map((set) => drawn([...new Set(set)])), ...filling]);
    if (longestRun(password) <= maxConsecutive) return password.join("");
  }
  throw impossible();
}

type Generate = NonNullable<Save["generate"]>;

function drawn(characters: readonly string[]): string {
  return characters[randomInt(characters.length)] ?? "";
}

/** Fisher and Yates's. */
function shuffled(characters: readonly string[]): string[] {
  const rest = [...characters];
  return characters.map(() => rest.splice(randomInt(rest.length), 1).join(""));
}

function longestRun(characters: readonly string[]): number {
  let run = 0;
  const runs = characters.map((character, at) => (run = character === characters[at - 1] ? run + 1 : 1));
  return Math.max(...runs);
}

function impossible(): PosternError {
  return new PosternError("bad_message", "request/generate: no password can be as the rules want it.");
}
