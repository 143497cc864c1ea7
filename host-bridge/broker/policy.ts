/**
 * The policy, in prose.
 *
 * Who is trusted. Nobody behind a gate. What a request says of itself (its origin) is a claim, and all that a
 * claim can do is to choose among the entries of that site and to be shown to a person. Which gate it came
 * through is known from the socket, and the gate alone decides what follows here.
 *
 * What each level grants.
 * - `always`: every release of a secret is asked about.
 * - `session`: a yes may last 15 minutes for one entry, one origin and the fields it named; a one-time code is
 *   asked about every time. It ends early with lock, with the gate, and with the consent agent that gave it.
 * - `unattended`: nobody is asked and everything is logged. The demo store's gate alone has it; no
 *   configuration can give it to another.
 *
 * What happens to the unknown. A gate without configuration is a `session` gate. A page over http matches
 * nothing unless its host is this machine itself. A custom field is not released.
 *
 * What it does not protect: an entry whose release a person approved for the origin that the browser claimed,
 * in a browser that lied about where the value goes.
 */
import { isLoopback, type OriginParts } from "#protocol/origin.ts";
import type { Configuration } from "#protocol/generated/config.ts";

export type ConsentMode = "always" | "session" | "unattended";

export interface GatePolicy {
  consent: ConsentMode;
}

/** How long a yes may last in a `session` gate. */
const SESSION_MINUTES = 15;

export function policyOf(gate: string, configuration: Configuration, isDemo: boolean): GatePolicy {
  if (isDemo) return { consent: "unattended" };
  return { consent: configuration.gates?.[gate]?.consent ?? "session" };
}

/** Whether entries may be offered to a page at all. */
export function mayMatch(page: OriginParts): boolean {
  return page.scheme === "https" || isLoopback(page.host);
}

/** Minutes that a yes may last: a one-time code and an `always` gate are asked about every time. */
export function minutesOffered(policy: GatePolicy, fields: readonly string[]): number {
  const lasts = policy.consent === "session" && fields.some((field) => mayLast(field));
  return lasts ? SESSION_MINUTES : 0;
}

/** Whether a yes for this field can outlive the request it was given for. */
export function mayLast(field: string): boolean {
  return field !== "otp";
}

/** Whether the policy releases the field to anyone. */
export function isReleasable(field: string): boolean {
  return field === "username" || field === "password" || field === "otp";
}
