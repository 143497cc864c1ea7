/**
 * Writing into the store, in prose.
 *
 * Who is trusted. Not the vault, which asks for it: its gpg reads files that anyone may have planted. It sees the
 * store, and can not write it.
 *
 * What it can have. One entry written, after a person has said yes to the very place and user name. The text is its
 * own affair where an entry is there already; a new one is a password and that user name and nothing else.
 *
 * What happens to the unknown. A name that is not plainly a place inside the store is none. An entry that is there is
 * never written over unless the question said so, and what is replaced is kept. Keys that nobody has confirmed are
 * asked about first.
 *
 * What it does not protect: a password that a person let a broken vault write.
 */
import { rm } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Session } from "#consent/consent-server.ts";
import { PosternError } from "#protocol/error.ts";
import type { SaveQuestion } from "#protocol/generated/consent.ts";
import { openConfirmedRecipients } from "./confirmed-recipients.ts";
import { type EntryFile, findEntryFile, keepReplaced, putBack } from "./entry-file.ts";
import { insertByPass } from "./run-pass.ts";
import { isCommitted, removeStaleLock } from "./store-git.ts";

/** How often a commit is tried that another git may be in the way of, and the milliseconds between. */
const TRIES = 4;
const BETWEEN_TRIES = 500;

interface Places {
  store: string;
  /** Of the store, where it is one of several. */
  name?: string | undefined;
  /** Where the session process keeps what it has to remember. */
  state: string;
}

/**
 * @param environment of pass: built from nothing, as gpg's own
 * @param now milliseconds since the epoch
 */
export async function createWriter(
  { store, name = "", state }: Places,
  environment: Record<string, string>,
  now: () => number,
): Promise<Session["write"]> {
  const recipientsOf = await openConfirmedRecipients(join(state, "recipients"), store);
  const ofPass = passEnvironment(store, environment);
  let line: Promise<unknown> = Promise.resolve();

  return async (ask, { question, text }, signal) => {
    const { entry } = question;
    if (!isWhatItSays(question, text)) throw notWhatItSays();
    await find(question);
    const { added, removed, confirm } = await recipientsOf(entry);
    if (added.length + removed.length > 0) {
      const { gate, origin, registrableDomain } = question;
      const answer = await ask({ kind: "recipients", gate, origin, registrableDomain, entry, added, removed }, signal);
      if (answer === "deny" || answer === "timeout") return answer;
      await confirm();
    }
    const answer = await ask(question, signal);
    if (answer === "deny" || answer === "timeout") return answer;
    // From here on it is not given up: half of it would be worse than all.
    const turn = line.then(() => write(question, text));
    line = turn.catch(() => undefined);
    await turn;
    return "once";
  };

  /** @throws PosternError `entry_invalid` when it is there and should not be, or the other way round */
  async function find({ entry, replaces }: SaveQuestion): Promise<EntryFile> {
    const file = await findEntryFile(store, entry);
    if ((file.bytes === undefined) === (replaces === undefined)) return file;
    throw new PosternError("entry_invalid", "The entry came or went meanwhile.", "Try again.");
  }

  /** At the last moment: a `git pull` may have changed them while the person was reading. @throws PosternError `entry_invalid` */
  async function requireConfirmed(entry: string): Promise<void> {
    const { added, removed } = await recipientsOf(entry);
    if (added.length + removed.length === 0) return;
    const message = "The keys that the entry would be encrypted to changed meanwhile.";
    throw new PosternError("entry_invalid", message, "Try again: you are asked about them first.");
  }

  async function write(question: SaveQuestion, text: string): Promise<void> {
    const before = await find(question);
    if (before.bytes !== undefined)
      await keepReplaced(join(state, "replaced", name), question.entry, before.bytes, now());
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await wait(BETWEEN_TRIES);
      await removeStaleLock(before.folder, ofPass);
      await requireConfirmed(question.entry);
      const wentWell = await insertByPass(question.entry, text, join(state, "saving.lock"), ofPass);
      const { path, bytes } = await findEntryFile(store, question.entry);
      if (bytes === undefined || before.bytes?.equals(bytes) === true) {
        await putBack(before);
        throw notWritten();
      }
      const kept = await isCommitted(store, path, ofPass);
      if (kept ?? wentWell) return;
      // Without git it is the writing that failed, perhaps half-way.
      if (kept === undefined) {
        await rm(path);
        await putBack(before);
        throw notWritten();
      }
    }
    throw new PosternError(
      "internal",
      "The entry was written, but git did not take it into the store's history.",
      "What git said is in the session's log. Once that is mended, make up for it with: pass git commit",
    );
  }
}

function isWhatItSays({ username, replaces }: SaveQuestion, text: string): boolean {
  // Line by line: a user name may not hold one of its own.
  const [, ...rest] = text.split("\n");
  return replaces !== undefined || isDeepStrictEqual(rest, username === undefined ? [""] : [`login: ${username}`, ""]);
}

function passEnvironment(store: string, environment: Record<string, string>): Record<string, string> {
  return {
    ...environment,
    PASSWORD_STORE_DIR: store,
    // As pass does, so that a repository above the store is none of ours here either.
    GIT_CEILING_DIRECTORIES: `${store}/..`,
    // Names in the store are no patterns.
    GIT_LITERAL_PATHSPECS: "1",
    // A folder of the store that looks like a repository is none, and no configuration of git's: it could name programs,
    // and whoever can push can have made it.
    GIT_CONFIG_COUNT: "2",
    GIT_CONFIG_KEY_0: "safe.bareRepository",
    GIT_CONFIG_VALUE_0: "explicit",
    // Ciphertext that happens to look like text is none.
    GIT_CONFIG_KEY_1: "core.autocrlf",
    GIT_CONFIG_VALUE_1: "false",
  };
}

function notWhatItSays(): PosternError {
  return new PosternError("bad_message", "The text is not what the question says.");
}

function notWritten(): PosternError {
  return new PosternError(
    "read_only",
    "pass could not write the entry.",
    "Try the same by hand, which says why: pass insert",
  );
}
