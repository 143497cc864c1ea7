import { lstat } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import type { SaveQuestion } from "#protocol/generated/consent.ts";
import type { EntryResult, Save } from "#protocol/messages.ts";
import { originParts } from "#protocol/origin.ts";
import { composeEntry, replacePassword } from "./compose-entry.ts";
import type { ConsentAgent } from "./consent-agent.ts";
import type { ConsentQueue } from "./consent-queue.ts";
import type { EntryName } from "./entry-name.ts";
import { siteFor } from "./fill-question.ts";
import type { FilledSites } from "./filled-sites.ts";
import type { Grants } from "./grants.ts";
import { type Handles, type Held, type Page, unknownHandle } from "./handles.ts";
import { parseLogin } from "./login.ts";
import type { Limits } from "./limits.ts";
import { makePassword } from "./make-password.ts";
import { registrableDomain } from "#wire/registrable-domain.ts";
import { nameNewEntry } from "./new-entry-name.ts";
import { type GatePolicy, mayOffer, shownAs } from "./policy.ts";
import { keepForAMoment } from "./release.ts";
import { type StorePlace, folderForNew } from "./several-stores.ts";
import { siteText } from "./site.ts";

const DAY = 24 * 60 * 60_000;

interface Effects {
  gate: string;
  policy: () => GatePolicy;
  place: StorePlace;
  consent: ConsentQueue;
  grants: Grants;
  limits: Limits;
  write: ConsentAgent["write"];
  filled: FilledSites;
  readEntryFile: (entry: EntryName, signal: AbortSignal) => Promise<{ text: string; digest: string }>;
}

/**
 * Has a new login written, or the password of one replaced, after a person's yes; the session process writes.
 * @param record logs what was done, with the entry's name
 * @throws PosternError every code that `save` may answer
 */
export type SaveLogin = (
  request: Save,
  page: Page,
  handles: Handles,
  signal: AbortSignal,
  record: (entry: string, reason: string) => Promise<void>,
) => Promise<EntryResult>;

/** What is to be written, and where. */
interface Plan {
  entry: Held["entry"];
  match: Held["match"];
  text: string;
  username: string | undefined;
  replaces: SaveQuestion["replaces"];
}

export function createSave(effects: Effects): SaveLogin {
  const { gate, consent, grants, write } = effects;

  return async function save(request, page, handles, signal, record) {
    const password = passwordOf(request);
    const held = request.update === undefined ? undefined : updated(effects, request, handles, page);
    const plan =
      held === undefined
        ? await planNew(effects, page, password, request.username)
        : await planUpdate(effects, held, password, signal);
    const question = questionOf(gate, page, plan);
    let isPut = false;
    const put = (withdrawn: AbortSignal): ReturnType<typeof write> => {
      isPut = true;
      return write(question, plan.text, withdrawn);
    };
    await consent.inTurn(question, put, signal).catch(async (error: unknown) => {
      // After a yes the session process does not give it up: who cancels then would hide it from the log.
      if (isPut && signal.aborted) await record(plan.entry.name, "may be written: given up by the browser meanwhile");
      throw error;
    });
    // It is not the password any more.
    if (held !== undefined) [held.released, held.read] = [undefined, undefined];
    // Of the yes, which may be forgotten while the log is written.
    const generation = grants.generation(gate);
    await record(plan.entry.name, plan.replaces === undefined ? "written" : "replaced");
    signal.throwIfAborted();

    const { entry, match } = plan;
    const handle = handles.mint({ ...page, entry, match });
    if (request.generate !== undefined) {
      const fields = new Set(["password"]);
      keepForAMoment(handles.resolve(handle, page), {
        login: { password, fields: [] },
        fields,
        generation,
        isOnce: true,
      });
    }
    return { entry: { handle, ...shownAs(effects.policy(), entry, 1), match } };
  };
}

function passwordOf({ password, generate }: Save): string {
  if (password !== undefined && generate === undefined) return password;
  if (password === undefined && generate !== undefined) return makePassword(generate);
  throw new PosternError("bad_message", "request: must have either password or generate.");
}

/** The handle's entry, if a person has released something of it to this page on this connection. */
function updated(
  { gate, policy, grants, limits }: Effects,
  { update = "", username }: Save,
  handles: Handles,
  page: Page,
): Held {
  if (username !== undefined) throw new PosternError("bad_message", "request: an update keeps the user name.");
  // It is decrypted before anybody is asked.
  limits.countGet();
  const held = handles.resolve(update, page);
  // It may have been another policy when the entry was offered.
  if (!mayOffer(policy(), originParts(page.origin), held.entry)) throw unknownHandle();
  if (held.releasedIn === grants.generation(gate)) return held;
  throw notFilled();
}

async function planNew(
  { place, policy }: Effects,
  page: Page,
  password: string,
  username: string | undefined,
): Promise<Plan> {
  const isFree = async (name: EntryName): Promise<boolean> =>
    (await lstat(join(place.store, `${name}.gpg`)).catch(() => undefined)) === undefined;
  const parts = originParts(page.origin);
  const entry = await nameNewEntry(parts, username, folderForNew(place, policy().folders), isFree);
  if (!mayOffer(policy(), parts, entry))
    throw new PosternError("denied", "The policy would not let this page have what it wants saved.");
  const text = composeEntry(entry.name, password, username);
  return { entry, match: "exact", text, username, replaces: undefined };
}

async function planUpdate(
  { place, filled, readEntryFile }: Effects,
  { origin, entry, match }: Held,
  password: string,
  signal: AbortSignal,
): Promise<Plan> {
  if (entry.companions !== undefined) throw spreadOut();
  const { text: before, digest } = await readEntryFile(entry.name, signal);
  // Another login may have been moved there since: written anew, nobody could tell any more that it was another site's.
  if (!filled.isKnown([digest], siteText(siteFor(entry, origin)))) throw notFilled();
  const changed = (await lstat(join(place.store, `${entry.name}.gpg`))).mtimeMs;
  const days = Math.max(0, Math.floor((Date.now() - changed) / DAY));
  const { username } = parseLogin(before, entry.name);
  return { entry, match, text: replacePassword(before, entry.name, password), username, replaces: { days } };
}

function notFilled(): PosternError {
  return new PosternError("denied", "Only a login that was filled here can be replaced.", "Fill it first, then save.");
}

function spreadOut(): PosternError {
  return new PosternError("entry_invalid", "This login is spread over several entries.", "Change it with: pass edit");
}

function questionOf(gate: string, { origin, topOrigin }: Page, { entry, username, replaces }: Plan): SaveQuestion {
  return {
    kind: "save",
    gate,
    origin,
    registrableDomain: registrableDomain(originParts(origin).host),
    ...(topOrigin === undefined ? {} : { topOrigin }),
    entry: entry.name,
    ...(username === undefined ? {} : { username }),
    ...(replaces === undefined ? {} : { replaces }),
  };
}
