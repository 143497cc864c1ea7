/**
 * The policy, in prose.
 *
 * Who is trusted. Nobody behind a gate. What a request says of itself (its origin) is a claim, and all that a
 * claim can do is to choose among the entries of that site and to be shown to a person. Which gate it came
 * through is known from the socket, and the gate alone decides what follows here.
 *
 * At the gate `proxy` even less is known: any application on the session bus may speak there, under any extension's
 * name. Whatever the configuration says, it is asked about always, shows numbers for labels, and neither saves nor lets
 * anyone choose.
 *
 * What each level grants.
 * - `always`: every release of a secret is asked about.
 * - `session`: a yes may last as many minutes as `ttl` says (15 of itself) for one entry, one origin and the fields it
 *   named; a one-time code is asked about every time. It ends early with lock, with the gate, and with the consent
 *   agent that gave it.
 * - `unattended`: nobody is asked and everything is logged. The demo store's gate alone has it; no
 *   configuration can give it to another.
 *
 * What a gate may see. The entries below its `folders` (several stores are a folder each), all of them by default, but those that the store's own
 * `.browserpass.json` has tools ignore (nothing else of that file is obeyed): the others are not found, not counted,
 * and their changes are not told. An entry is shown from the part of its name that is its site (`labels = "site"`), with
 * the folders above (`"full"`), or as a number (`"none"`). A canary is shown like any other entry; whoever asks for it, or for an entry that points at it,
 * locks the gate.
 *
 * What it may have. User name, password and one-time code; a custom field where `custom` lists its name, which can
 * not be one that means those three, whatever it holds: what makes one-time codes stays.
 *
 * How much. As many look-ups of sites that it was never approved for, requests and connections as `limits` says, over
 * all its connections together, also when it is closed and opened again. Whoever is there is asked once whether it may
 * look up more.
 *
 * What happens to the unknown. A gate without configuration is a `session` gate that sees the whole store. A page over
 * http matches nothing unless its host is this machine itself, or the entry's host is listed in `http`. A custom
 * field is not released.
 *
 * What it does not protect: an entry whose release a person approved for the origin that the browser claimed,
 * in a browser that lied about where the value goes. An entry that a link makes appear in a folder is one of that
 * folder.
 */
import type { Configuration } from "#protocol/generated/config.ts";
import { PROXY_GATE } from "#protocol/names.ts";
import { isLoopback, type OriginParts } from "#protocol/origin.ts";
import type { EntryName } from "./entry-name.ts";
import type { HeldEntry } from "./handles.ts";

export type ConsentMode = "always" | "session" | "unattended";

export interface GatePolicy {
  /** Whether the socket tells who is behind it. */
  caller: "gate" | "unverified";
  consent: ConsentMode;
  /** Minutes that a yes may last in a `session` gate. */
  ttl: number;
  labels: "site" | "full" | "none";
  /** Undefined: the whole store. */
  folders: readonly string[] | undefined;
  /** Whether the store itself has tools leave the entry out. */
  isIgnored: (name: EntryName) => boolean;
  /** Names of custom fields, lower-case. */
  custom: readonly string[];
  /** Hosts whose entries may go to http pages. */
  http: readonly string[];
  limits: GateLimits;
}

export interface GateLimits {
  domainsAMinute: number;
  domainsADay: number;
  getsAMinute: number;
  picksAMinute: number;
  connections: number;
}

export function policyOf(
  gate: string,
  configuration: Configuration,
  isDemo: boolean,
  isIgnored: GatePolicy["isIgnored"],
): GatePolicy {
  const { consent = "session", ttl = 15, labels = "site", folders, ...own } = configuration.gates?.[gate] ?? {};
  const { limits = {}, custom = [], http = [] } = own;
  const isKnown = gate !== PROXY_GATE;
  return {
    caller: isKnown ? "gate" : "unverified",
    consent: !isKnown ? "always" : isDemo ? "unattended" : consent,
    ttl,
    labels: isKnown ? labels : "none",
    folders,
    isIgnored,
    custom: custom.map((name) => name.toLowerCase()),
    http,
    limits: {
      domainsAMinute: limits["domains-a-minute"] ?? 20,
      domainsADay: limits["domains-a-day"] ?? 300,
      getsAMinute: limits["gets-a-minute"] ?? 10,
      picksAMinute: limits["picks-a-minute"] ?? 3,
      connections: limits.connections ?? 10,
    },
  };
}

/** Whether the gate may know of the entry at all. */
export function isVisible({ folders, isIgnored }: GatePolicy, name: EntryName): boolean {
  return (folders === undefined || folders.some((folder) => name.startsWith(`${folder}/`))) && !isIgnored(name);
}

/** Whether an entry that fits a page may be offered to it. */
export function mayOffer(policy: GatePolicy, page: OriginParts, { name, site }: HeldEntry): boolean {
  const mayLeave =
    page.scheme === "https" || isLoopback(page.host) || (site !== undefined && policy.http.includes(site.host));
  return mayLeave && isVisible(policy, name);
}

/** What the browser is told of an entry. @param place among the entries for its page, from 1 on */
export function shownAs(
  { labels }: GatePolicy,
  { name, label, username }: HeldEntry,
  place: number,
): { label: string; username?: string } {
  if (labels === "none") return { label: String(place) };
  return { label: labels === "full" ? name : label, ...(username === undefined ? {} : { username }) };
}

/** Minutes that a yes may last: a one-time code and an `always` gate are asked about every time. */
export function minutesOffered({ consent, ttl }: GatePolicy, fields: readonly string[]): number {
  const lasts = consent === "session" && fields.some((field) => mayLast(field));
  return lasts ? ttl : 0;
}

/** Whether a yes for this field can outlive the request it was given for. */
export function mayLast(field: string): boolean {
  return field !== "otp";
}

/** Whether the policy releases the field to anyone. */
export function isReleasable({ custom }: GatePolicy, field: string): boolean {
  const name = customName(field);
  if (name !== undefined) return custom.includes(name.toLowerCase());
  return field === "username" || field === "password" || field === "otp";
}

/** The name of a custom field; undefined for the others. */
export function customName(field: string): string | undefined {
  const prefix = "custom:";
  return field.startsWith(prefix) ? field.slice(prefix.length) : undefined;
}
