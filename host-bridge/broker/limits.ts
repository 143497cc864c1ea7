import { PosternError } from "#protocol/error.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

export const MAX_CONNECTIONS = 10;
const GETS_A_MINUTE = 10;
const DOMAINS_A_MINUTE = 20;
const DOMAINS_A_DAY = 300;

/** What one gate may ask for, over all its connections together. */
export interface Limits {
  /** Counts a look-up. A domain that this gate was once approved for is free. @throws PosternError `rate_limited` */
  countFind(domain: string): void;
  /** @throws PosternError `rate_limited` */
  countGet(): void;
  /** This gate was approved for the domain. */
  approve(domain: string): void;
}

/** @param now milliseconds, monotonic */
export function createLimits(now: () => number): Limits {
  const approved = new Set<string>();
  const domainSeen = new Map<string, number>();
  let gets: number[] = [];

  function countFind(domain: string): void {
    if (approved.has(domain)) return;
    const seenAt = [...domainSeen].filter(([other]) => other !== domain).map(([, at]) => at);
    const within = (span: number): number => seenAt.filter((at) => now() - at < span).length;
    if (within(DAY) >= DOMAINS_A_DAY) throw limited("This browser has looked up many sites today.", "a day");
    if (within(MINUTE) >= DOMAINS_A_MINUTE) throw limited("This browser has looked up many sites in a short time.");
    domainSeen.set(domain, now());
    for (const [other, at] of domainSeen) if (now() - at >= DAY) domainSeen.delete(other);
  }

  function countGet(): void {
    gets = gets.filter((at) => now() - at < MINUTE);
    if (gets.length >= GETS_A_MINUTE) throw limited("This browser has asked for many logins in a short time.");
    gets.push(now());
  }

  return { countFind, countGet, approve: (domain) => approved.add(domain) };
}

function limited(message: string, span = "a minute"): PosternError {
  return new PosternError("rate_limited", message, `Wait ${span}, then try again.`);
}
