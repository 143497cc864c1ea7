import type { State } from "#protocol/messages.ts";

/** What is locked, by the names of gates, whether they are open or not: closing one is no way out of its lock. */
export interface Locks {
  /** One gate, or all, those included that are yet to be opened. */
  lock(gate?: string): void;
  /** All of them. */
  unlock(): void;
  stateOf(gate: string): State;
}

export function createLocks(): Locks {
  const locked = new Set<string>();
  let isAllLocked = false;

  return {
    lock: (gate) => {
      if (gate === undefined) isAllLocked = true;
      else locked.add(gate);
    },
    unlock: () => {
      isAllLocked = false;
      locked.clear();
    },
    stateOf: (gate) => (isAllLocked || locked.has(gate) ? "locked" : "ready"),
  };
}
