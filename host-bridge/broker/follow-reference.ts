import { PosternError } from "#protocol/error.ts";
import type { Match } from "./entries-by-host.ts";
import type { EntryName } from "./entry-name.ts";
import type { Login } from "./login.ts";

const MAX_STEPS = 10;

interface Effects {
  /** Every entry that the page may have. */
  candidates: readonly Match[];
  /** Waits for a yes to the password of one more entry. */
  allow: (target: Match) => Promise<unknown>;
  read: (target: Match) => Promise<Login>;
}

/**
 * Goes where gopass's `gopass://` points. An entry may only point at one that the page could have asked for itself,
 * and a person is told of each: whoever writes one entry must not so read another.
 * @throws PosternError `entry_invalid`; whatever allowing and reading can end with
 */
export async function followReference(from: EntryName, login: Login, effects: Effects): Promise<Login> {
  const via: EntryName[] = [];
  let last = login;
  while (last.reference !== undefined) {
    const { reference } = last;
    const target = effects.candidates.find(({ entry }) => entry.name === reference);
    if (target === undefined) throw invalid("which is not there for this page");
    const { name } = target.entry;
    if (name === from || via.includes(name)) throw invalid("that leads back to it");
    if (via.length === MAX_STEPS) throw invalid("and that to others, without an end");
    via.push(name);
    await effects.allow(target);
    last = await effects.read(target);
  }
  return { ...login, ...(last.password !== undefined && { password: last.password }) };
}

function invalid(what: string): PosternError {
  return new PosternError(
    "entry_invalid",
    `The password is a reference to another entry, ${what}.`,
    "Write the password itself into this entry.",
  );
}
