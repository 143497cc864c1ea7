import { PosternError } from "#protocol/error.ts";
import type { GetResult } from "#protocol/messages.ts";
import { type OriginParts, originParts } from "#protocol/origin.ts";
import type { ConsentQueue } from "./consent-queue.ts";
import type { Match } from "./entries-by-host.ts";
import type { EntryName } from "./entry-name.ts";
import { confirmSite } from "./confirm-site.ts";
import { type Asked, fillQuestion } from "./fill-question.ts";
import type { FilledSites } from "./filled-sites.ts";
import { followReference } from "./follow-reference.ts";
import type { GrantKey, Grants } from "./grants.ts";
import { type Held, type Released, unknownHandle } from "./handles.ts";
import type { Limits } from "./limits.ts";
import { type Login, customField } from "./login.ts";
import { oneTimeCode } from "./one-time-code.ts";
import { type GatePolicy, customName, isReleasable, mayLast, mayOffer, minutesOffered } from "./policy.ts";
import type { ReadEntry } from "./read-login.ts";

/** How long what was released on a handle, or decrypted for it, is kept, in milliseconds: the second page of a sign-in. */
const REPEAT_SPAN = 60_000;

interface Effects {
  gate: string;
  policy: () => GatePolicy;
  consent: ConsentQueue;
  grants: Grants;
  limits: Limits;
  /** @throws PosternError `locked` for an entry that nobody uses */
  refuseCanary: (name: EntryName) => void;
  /** The entries that the gate has for a page. */
  candidates: (page: OriginParts) => readonly Match[];
  /** Decrypts and reads one entry. */
  read: (entry: Held["entry"], signal: AbortSignal) => Promise<ReadEntry>;
  /** Which entry was filled for which site. */
  filled: FilledSites;
}

/**
 * Releases fields of one entry to the page of its handle, after the yes that the policy asks for.
 * @param record logs the decision, with its reason; nothing is released before it has
 * @throws PosternError every code that `get` may answer
 */
export type Release = (
  held: Held,
  fields: readonly string[],
  signal: AbortSignal,
  record: (reason: string) => Promise<void>,
) => Promise<GetResult>;

/** Takes one more reason for the log. */
type Note = (reason: string) => void;

export function createRelease(effects: Effects): Release {
  return async function release(held, fields, signal, record) {
    effects.refuseCanary(held.entry.name);
    const policy = effects.policy();
    if (!fields.every((field) => isReleasable(policy, field)))
      throw new PosternError("denied", "The policy does not release this field.");
    // It may have been another one when the entry was offered.
    if (!mayOffer(policy, originParts(held.origin), held.entry)) throw unknownHandle();
    const { released } = held;
    const isFresh = released?.generation === effects.grants.generation(effects.gate);
    // Each one-time code is a question of its own: it would be another one by now.
    const isSame = fields.every((field) => mayLast(field) && released?.fields.has(field) === true);
    if (released !== undefined && isFresh && isSame) {
      if (released.isOnce) held.released = undefined;
      await record(released.isOnce ? "made for this page a moment ago" : "released on this handle a moment ago");
      signal.throwIfAborted();
      return pick(released.login, fields);
    }
    const reasons = [await allow(effects, held, fields, signal)];
    // Of the yes, which may be forgotten while gpg works.
    const generation = effects.grants.generation(effects.gate);
    const login = await readWhole(effects, held, fields, signal, (reason) => reasons.push(reason));
    signal.throwIfAborted();
    const result = pick(login, fields);
    await record(reasons.join(", "));
    signal.throwIfAborted();
    effects.limits.approve(held.origin);
    held.releasedIn = generation;
    keepForAMoment(held, { login, fields: new Set(fields), generation, isOnce: false });
    return result;
  };
}

/** Reads the entry, and where it points for its password if that is asked for. */
async function readWhole(
  effects: Effects,
  held: Held,
  fields: readonly string[],
  signal: AbortSignal,
  note: Note,
): Promise<Login> {
  const login = await readOnce(effects, held, fields, signal, note);
  if (login.reference === undefined || !fields.includes("password")) return login;
  const password = ["password"];
  const askedBy = (target: Match): Asked => ({ ...held, ...target, referredBy: held.entry.name });
  return await followReference(held.entry.name, login, {
    candidates: effects.candidates(originParts(held.origin)),
    allow: async (target) => {
      effects.refuseCanary(target.entry.name);
      note(`password of ${target.entry.name}`);
      note(await allow(effects, askedBy(target), password, signal));
    },
    read: (target) => readConfirmed(effects, askedBy(target), password, signal, note),
  });
}

/** Reads the entry of a handle, or has it of what was released on that a moment ago: a passphrase makes a decrypt dear. */
async function readOnce(
  effects: Effects,
  held: Held,
  fields: readonly string[],
  signal: AbortSignal,
  note: Note,
): Promise<Login> {
  const generation = effects.grants.generation(effects.gate);
  if (held.read?.generation === generation) return held.read.login;
  const login = await readConfirmed(effects, held, fields, signal, note);
  signal.throwIfAborted();
  const read = { login, generation };
  held.read = read;
  forgetLater(() => {
    if (held.read === read) held.read = undefined;
  });
  return login;
}

/** Reads an entry, which may have been moved under the name that the yes was given for. */
async function readConfirmed(
  effects: Effects,
  asked: Asked,
  fields: readonly string[],
  signal: AbortSignal,
  note: Note,
): Promise<Login> {
  const read = await effects.read(asked.entry, signal);
  const others = await confirmSite(effects, asked, fields, read, signal);
  if (others.length > 0) note(`confirmed though of ${others.join(", ")}`);
  return read.login;
}

/** Waits for whatever yes is needed and says which it was. */
async function allow(effects: Effects, held: Asked, fields: readonly string[], signal: AbortSignal): Promise<string> {
  const { gate, grants, consent } = effects;
  const policy = effects.policy();
  if (policy.consent === "unattended") return "unattended";
  const key: GrantKey = { gate, entry: held.entry.name, origin: held.origin, topOrigin: held.topOrigin };
  const isCovered = (): boolean => policy.consent === "session" && grants.uncovered(key, fields).length === 0;
  if (isCovered()) return "session grant";
  const minutes = minutesOffered(policy, fields);
  const answer = await consent.request(fillQuestion(gate, held, fields, minutes), isCovered, signal);
  if (answer === "settled") return "session grant";
  if (answer === "session" && minutes > 0) grants.allow(key, fields, minutes);
  return `allowed ${answer === "session" && minutes > 0 ? `for ${minutes} minutes` : "once"}`;
}

/** The asked fields that the entry has. */
function pick(login: Login, fields: readonly string[]): GetResult {
  const { username, password, otp } = login;
  const custom = fields.flatMap((field) => {
    const name = customName(field);
    const value = name === undefined ? undefined : customField(login, name);
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
  return {
    ...(fields.includes("username") && username !== undefined ? { username } : {}),
    ...(fields.includes("password") && password !== undefined ? { password } : {}),
    ...(fields.includes("otp") && otp !== undefined ? { otp: oneTimeCode(otp, Date.now()) } : {}),
    ...(custom.length > 0 ? { custom: Object.fromEntries(custom) } : {}),
  };
}

/** What may be had from now on without a question. */
export function keepForAMoment(held: Held, released: Released): void {
  held.released = released;
  forgetLater(() => {
    if (held.released === released) held.released = undefined;
  });
}

function forgetLater(forget: () => void): void {
  setTimeout(forget, REPEAT_SPAN).unref();
}
