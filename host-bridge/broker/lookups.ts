import type { Lookups as Kept } from "#protocol/generated/state.ts";
import type { GateLimits } from "./policy.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A time in which only so many domains may be looked up. */
export type Span = "minute" | "day";

/** The domains that a gate has looked up: which of them count, and whether there is room for another. */
export interface Lookups {
  /** Whether a person approved a release for it: it never counts. */
  isApproved(domain: string): boolean;
  approve(domain: string): void;
  /** The span that has no room for the domain. */
  fullSpan(domain: string): Span | undefined;
  /** Counts the domain. @returns the spans in which it was not counted already */
  count(domain: string): Span[];
  /** Starts a span anew: a person said that the gate may go on. */
  clear(span: Span): void;
  /** What is to outlive the broker. */
  kept(): Kept;
}

/**
 * @param kept of an earlier broker; undefined when it is unknown: then the minute counts as used up
 * @param limits as the policy has them now
 * @param now milliseconds since the epoch, by a clock that never goes back
 */
export function createLookups(kept: Kept | undefined, limits: () => GateLimits, now: () => number): Lookups {
  const approved = new Set(kept?.approved);
  // Each has the domain that was seen longest ago first. A clock that was set back must not make a day longer.
  const sorted = Object.entries(kept?.seen ?? {}).toSorted(([, a], [, b]) => a - b);
  const day = new Map(sorted.map(([domain, at]) => [domain, Math.min(at, now())]));
  const minute = new Map(day);
  let usedUpUntil = kept === undefined ? now() + MINUTE : 0;

  function dropOld(): void {
    const time = now();
    for (const [seen, span] of [
      [minute, MINUTE],
      [day, DAY],
    ] as const) {
      for (const [domain, at] of seen) {
        if (time - at < span) break;
        seen.delete(domain);
      }
    }
  }

  function approve(domain: string): void {
    approved.add(domain);
    for (const seen of [minute, day]) seen.delete(domain);
  }

  function fullSpan(domain: string): Span | undefined {
    dropOld();
    if (minute.has(domain)) return undefined;
    if (!day.has(domain) && day.size >= limits().domainsADay) return "day";
    return minute.size >= limits().domainsAMinute || now() < usedUpUntil ? "minute" : undefined;
  }

  function count(domain: string): Span[] {
    const spans: [Span, Map<string, number>][] = [
      ["minute", minute],
      ["day", day],
    ];
    return spans.flatMap(([span, seen]) => {
      const isNew = !seen.delete(domain);
      seen.set(domain, now());
      return isNew ? [span] : [];
    });
  }

  function clear(span: Span): void {
    minute.clear();
    usedUpUntil = 0;
    if (span === "day") day.clear();
  }

  return {
    isApproved: (domain) => approved.has(domain),
    approve,
    fullSpan,
    count,
    clear,
    kept: () => ({ approved: [...approved], seen: Object.fromEntries(day) }),
  };
}
