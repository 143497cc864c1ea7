import { PosternError } from "#protocol/error.ts";
import type { GateLimits } from "./policy.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** What one gate may ask for, over all its connections together. */
export interface Limits {
  /** Counts a look-up. A domain that this gate was once approved for is free. @throws PosternError `rate_limited` */
  countFind(domain: string): void;
  /** @throws PosternError `rate_limited` */
  countGet(): void;
  /** @throws PosternError `rate_limited` */
  countPick(): void;
  /** This gate was approved for the domain. */
  approve(domain: string): void;
}

/**
 * @param limits as the policy has them now
 * @param now milliseconds, monotonic
 */
export function createLimits(limits: () => GateLimits, now: () => number): Limits {
  const approved = new Set<string>();
  const domainSeen = new Map<string, number>();
  const countGet = createCount(() => limits().getsAMinute, "This browser has asked for many logins in a short time.");
  const countPick = createCount(
    () => limits().picksAMinute,
    "This browser has asked for many choices in a short time.",
  );

  function countFind(domain: string): void {
    if (approved.has(domain)) return;
    const seenAt = [...domainSeen].filter(([other]) => other !== domain).map(([, at]) => at);
    const within = (span: number): number => seenAt.filter((at) => now() - at < span).length;
    if (within(DAY) >= limits().domainsADay) throw limited("This browser has looked up many sites today.", "a day");
    if (within(MINUTE) >= limits().domainsAMinute)
      throw limited("This browser has looked up many sites in a short time.");
    domainSeen.set(domain, now());
    for (const [other, at] of domainSeen) if (now() - at >= DAY) domainSeen.delete(other);
  }

  function createCount(most: () => number, message: string): () => void {
    let counted: number[] = [];
    return () => {
      counted = counted.filter((at) => now() - at < MINUTE);
      if (counted.length >= most()) throw limited(message);
      counted.push(now());
    };
  }

  return { countFind, countGet, countPick, approve: (domain) => approved.add(domain) };
}

function limited(message: string, span = "a minute"): PosternError {
  return new PosternError("rate_limited", message, `Wait ${span}, then try again.`);
}
