import { isDeepStrictEqual } from "node:util";
import { PosternError } from "#protocol/error.ts";
import { PASSWORD_KEYS } from "#protocol/login-keys.ts";
import type { EntryName } from "./entry-name.ts";
import { type Login, parseLogin } from "./login.ts";

/** Longer ones are written by hand. */
const MAX_CHARACTERS = 16_384;

/**
 * The text of a new entry. It is read back before anybody is asked: what would read as a key, as another format or as
 * a reference to another entry is refused.
 * @throws PosternError `entry_invalid`
 */
export function composeEntry(name: EntryName, password: string, username: string | undefined): string {
  const text = `${password}\n${username === undefined ? "" : `login: ${username}\n`}`;
  const fields = username === undefined ? [] : [{ key: "login", value: username }];
  const wanted: Login = { password, ...(username !== undefined && { username }), fields };
  if (!isDeepStrictEqual(parseLogin(text, name), wanted)) throw readsOtherwise();
  return text;
}

/**
 * The text of an entry with another password and every other line as it was.
 * @throws PosternError `entry_invalid` when it would read as anything else
 */
export function replacePassword(text: string, name: EntryName, password: string): string {
  const before = parseLogin(text, name);
  const wanted = withoutKeyedPasswords({ ...before, password });
  for (const changed of placesOf(text, before.password ?? "", password)) {
    const after = withoutKeyedPasswords(parseLogin(changed, name));
    if (changed.length <= MAX_CHARACTERS && isDeepStrictEqual(after, wanted)) return changed;
  }
  throw readsOtherwise();
}

/** The text with the password in each of the lines that it may stand in: as the whole of one, or after a key. */
function* placesOf(text: string, old: string, password: string): Generator<string> {
  const lines = text.split("\n");
  for (const [at, line] of lines.entries()) {
    const content = line.trimEnd();
    if (!content.endsWith(old.trimEnd())) continue;
    const before = content.slice(0, content.length - old.trimEnd().length);
    yield lines.with(at, `${before}${password}${line.endsWith("\r") ? "\r" : ""}`).join("\n");
  }
}

/** Which of the fields holds the password is told by the password alone. */
function withoutKeyedPasswords(login: Login): Login {
  return { ...login, fields: login.fields.filter(({ key }) => !PASSWORD_KEYS.includes(key)) };
}

function readsOtherwise(): PosternError {
  return new PosternError(
    "entry_invalid",
    "Written into the store, this would read as something else.",
    "Take another password or user name, or write the entry yourself with: pass edit",
  );
}
