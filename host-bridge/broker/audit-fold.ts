import type { Decision } from "./audit.ts";

/** How often the same is written as a line of its own, and how much that differs only in what an asker can vary. */
const REPEATS = 3;
const DIFFERENT = 50;

/** Folds what repeats into counts, so that nobody can fill the log faster than it can be read. */
export interface Fold {
  /** Whether the decision is to be written now; else it was counted. */
  take(decision: Decision): boolean;
  /** What was counted, each `count` being so many more times than were written; begins anew. */
  flush(): Decision[];
}

interface Group {
  first: Decision;
  /** How often each came, by what an asker can vary. */
  times: Map<string, { decision: Decision; count: number }>;
  /** What came when there was no room for more of them. */
  others: number;
}

export function createFold(): Fold {
  const groups = new Map<string, Group>();

  function take(decision: Decision): boolean {
    // What the broker did by itself is told once anyway.
    if (decision.gate === "" || isLasting(decision)) return true;
    const { gate, type, origin, topOrigin, entry, fields, reason } = decision;
    const key = JSON.stringify([gate, type, decision.decision, reason]);
    const group: Group = groups.get(key) ?? { first: decision, times: new Map(), others: 0 };
    groups.set(key, group);
    const varied = JSON.stringify([origin, topOrigin, entry, fields]);
    const same = group.times.get(varied);
    if (same !== undefined) {
      same.count += 1;
      return same.count <= REPEATS;
    }
    if (group.times.size < DIFFERENT) {
      group.times.set(varied, { decision, count: 1 });
      return true;
    }
    group.others += 1;
    return false;
  }

  function flush(): Decision[] {
    const lines = groups.values().flatMap(({ first, times, others }) => {
      const { gate, type, decision, reason } = first;
      const repeated = times.values().filter(({ count }) => count > REPEATS);
      const counted = repeated.map((each) => ({ ...each.decision, count: each.count - REPEATS }));
      return [...counted, ...(others > 0 ? [{ gate, type, decision, reason, count: others }] : [])];
    });
    const all = [...lines];
    groups.clear();
    return all;
  }

  return { take, flush };
}

/** Grants, fills and what locked a gate: never folded, and kept when the log is rotated. */
export function isLasting({ type, decision }: Pick<Decision, "type" | "decision">): boolean {
  return decision === "allowed" ? type !== "find" : type === "flood" || type === "canary";
}
