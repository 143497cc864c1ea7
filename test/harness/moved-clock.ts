import { once } from "node:events";
import { type Wait, realWait } from "#wire/wait.ts";

/** A clock that goes like the real one, and is moved on besides. */
export interface MovedClock {
  now: () => number;
  wait: Wait;
  /** So many milliseconds pass at once, for whoever waits as well. */
  pass(milliseconds: number): void;
}

export function createMovedClock(real: () => number): MovedClock {
  const moved = new EventTarget();
  let ahead = 0;
  const now = (): number => real() + ahead;

  async function wait(milliseconds: number, signal?: AbortSignal): Promise<void> {
    const end = now() + milliseconds;
    while (now() < end) {
      const settled = new AbortController();
      const either = signal === undefined ? settled.signal : AbortSignal.any([settled.signal, signal]);
      try {
        await Promise.race([realWait(end - now(), either), once(moved, "pass", { signal: either })]);
      } finally {
        settled.abort();
      }
    }
  }

  return {
    now,
    wait,
    pass: (milliseconds) => {
      ahead += milliseconds;
      moved.dispatchEvent(new Event("pass"));
    },
  };
}
