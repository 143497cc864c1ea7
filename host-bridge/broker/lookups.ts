import type { GateLimits } from "./policy.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** A time in which only so many may be looked up. */
export type Span = "minute" | "day";

/** What was looked up, each by its name, and whether there is room for another. */
export interface Lookups {
  /** The span that has no room for it. @param promised how many more there is no room for */
  fullSpan(name: string, promised?: number): Span | undefined;
  /** Counts it. @returns whether it was not counted already, in one of the spans */
  count(name: string): boolean;
  /** Counts it no longer. */
  forget(name: string): void;
  /** Starts a span anew: a person said that the gate may go on. */
  clear(span: Span): void;
  /** What is to outlive the broker: when each of the last day was last looked up, milliseconds since the epoch. */
  kept(): Record<string, number>;
}

/**
 * @param kept of an earlier broker; undefined when it is unknown: then the minute counts as used up
 * @param limits as the policy has them now
 * @param now milliseconds since the epoch, by a clock that never goes back
 */
export function createLookups(
  kept: Readonly<Record<string, number>> | undefined,
  limits: () => GateLimits,
  now: () => number,
): Lookups {
  // Each has the name that was seen longest ago first. A clock that was set back must not make a day longer.
  const sorted = Object.entries(kept ?? {}).toSorted(([, a], [, b]) => a - b);
  const day = new Map(sorted.map(([name, at]) => [name, Math.min(at, now())]));
  const minute = new Map(day);
  let usedUpUntil = kept === undefined ? now() + MINUTE : 0;

  function dropOld(): void {
    const time = now();
    for (const [seen, span] of [
      [minute, MINUTE],
      [day, DAY],
    ] as const) {
      for (const [name, at] of seen) {
        if (time - at < span) break;
        seen.delete(name);
      }
    }
  }

  function fullSpan(name: string, promised = 0): Span | undefined {
    dropOld();
    if (minute.has(name)) return undefined;
    if (!day.has(name) && day.size + promised >= limits().domainsADay) return "day";
    return minute.size + promised >= limits().domainsAMinute || now() < usedUpUntil ? "minute" : undefined;
  }

  function count(name: string): boolean {
    return [minute, day]
      .map((seen) => {
        const isNew = !seen.delete(name);
        seen.set(name, now());
        return isNew;
      })
      .includes(true);
  }

  function forget(name: string): void {
    for (const seen of [minute, day]) seen.delete(name);
  }

  function clear(span: Span): void {
    minute.clear();
    usedUpUntil = 0;
    if (span === "day") day.clear();
  }

  function keptNow(): Record<string, number> {
    dropOld();
    return Object.fromEntries(day);
  }

  return { fullSpan, count, forget, clear, kept: keptNow };
}
