import { PosternError } from "#protocol/error.ts";
import type { State } from "#protocol/messages.ts";

/** What is locked, by the names of gates, whether they are open or not: closing one is no way out of its lock. */
export interface Locks {
  /** One gate, or all, those included that are yet to be opened. */
  lock(gate?: string): void;
  /** One gate, also while all others stay locked; or all. */
  unlock(gate?: string): void;
  stateOf(gate: string): State;
}

export function createLocks(): Locks {
  const exceptions = new Set<string>();
  let areLocked = false;

  function set(isLocked: boolean, gate?: string): void {
    if (gate === undefined) {
      areLocked = isLocked;
      exceptions.clear();
    } else if (isLocked === areLocked) exceptions.delete(gate);
    else exceptions.add(gate);
  }

  return {
    lock: (gate) => set(true, gate),
    unlock: (gate) => set(false, gate),
    stateOf: (gate) => (areLocked === exceptions.has(gate) ? "ready" : "locked"),
  };
}

export function locked(gate: string): PosternError {
  return new PosternError("locked", "Postern is locked for this browser.", `Unlock it with: postern unlock ${gate}`);
}
