import type { Decision } from "./audit.ts";

/** How often the same is written as a line of its own, and how much that differs only in what an asker can vary. */
const REPEATS = 3;
const DIFFERENT = 50;
/** How many bytes of lines a gate may have between two times that counts are written, lasting ones not included. */
const BUDGET = 32 * 1024;
/** What a line has beyond the decision: its time. */
const TIME_BYTES = 40;
/** Why a look-up that found something was allowed, the first time in a day; and what later ones say besides. */
const FOUND = /^[1-9]\d* entries$/;
const AGAIN = ", again";
const DAY = 24 * 60 * 60_000;

/**
 * Folds what repeats into counts, and what there is no room for, so that nobody can fill the log faster than it can be
 * read. A look-up that found an entry is written the first time in a day, whatever else there is.
 */
export interface Fold {
  /** The decision as it is to be written now; undefined where it was counted. */
  take(decision: Decision): Decision | undefined;
  /** What was counted, each `count` being so many more times than were written; begins anew. */
  flush(): Decision[];
}

interface Group {
  first: Decision;
  /** How often each came, by what an asker can vary. */
  times: Map<string, { decision: Decision; count: number; written: number }>;
  /** What came when there was no room for more of them. */
  others: number;
}

/** @param now milliseconds, by a clock that never goes back */
export function createFold(now: () => number): Fold {
  const groups = new Map<string, Group>();
  /** Bytes of lines, by gate. */
  const spent = new Map<string, number>();
  /** When an entry was first found for a page, by gate and page. The limits of look-ups bound how many there are. */
  const found = new Map<string, number>();

  function take(given: Decision): Decision | undefined {
    const decision = isFind(given) && wasFound(given) ? { ...given, reason: `${given.reason}${AGAIN}` } : given;
    // What the broker did by itself is told once anyway.
    return decision.gate === "" || isLasting(decision) || hasRoom(decision) ? decision : undefined;
  }

  function wasFound({ gate, origin, topOrigin }: Decision): boolean {
    const time = now();
    for (const [page, at] of found) {
      if (time - at < DAY) break;
      found.delete(page);
    }
    const page = JSON.stringify([gate, origin, topOrigin]);
    if (found.has(page)) return true;
    found.set(page, time);
    return false;
  }

  function hasRoom(decision: Decision): boolean {
    const { gate, type, origin, topOrigin, entry, fields, reason } = decision;
    const key = JSON.stringify([gate, type, decision.decision, reason]);
    const group: Group = groups.get(key) ?? { first: decision, times: new Map(), others: 0 };
    groups.set(key, group);
    const varied = JSON.stringify([origin, topOrigin, entry, fields]);
    const same = group.times.get(varied) ?? { decision, count: 0, written: 0 };
    if (same.count === 0 && group.times.size >= DIFFERENT) {
      group.others += 1;
      return false;
    }
    group.times.set(varied, same);
    same.count += 1;
    const bytes = (spent.get(gate) ?? 0) + Buffer.byteLength(JSON.stringify(decision)) + TIME_BYTES;
    if (same.written >= REPEATS || bytes > BUDGET) return false;
    same.written += 1;
    spent.set(gate, bytes);
    return true;
  }

  function flush(): Decision[] {
    const lines = groups.values().flatMap(({ first, times, others }) => {
      const { gate, type, decision, reason } = first;
      const known = times.values().filter(({ count, written }) => written > 0 && count > written);
      const counted = known.map((each) => ({ ...each.decision, count: each.count - each.written }));
      const unwritten = times.values().filter(({ written }) => written === 0);
      const count = unwritten.reduce((sum, each) => sum + each.count, others);
      return [...counted, ...(count > 0 ? [{ gate, type, decision, reason, count }] : [])];
    });
    const all = [...lines];
    groups.clear();
    spent.clear();
    return all;
  }

  return { take, flush };
}

/**
 * Grants, fills, what an entry was found for, what a person said no to and what locked a gate: never folded, and kept
 * when the log is rotated. Each is bounded by a limit of its own.
 */
export function isLasting(decision: Pick<Decision, "type" | "decision" | "reason" | "entry">): boolean {
  const { type, reason, entry } = decision;
  if (decision.decision === "allowed") return type !== "find" || FOUND.test(reason);
  if (["flood", "canary", "limit"].includes(type)) return true;
  return type === "get" && entry !== undefined && ["denied", "timeout"].includes(reason);
}

function isFind({ type, decision, reason }: Decision): boolean {
  return type === "find" && decision === "allowed" && FOUND.test(reason);
}
