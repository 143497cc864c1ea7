import type { BoundedChild } from "./bounded-child.ts";

/** At most one child that was started ahead and waits for its input. It knows nothing yet. */
export interface ReadyChild {
  /** Starts one, unless one waits already. @param stamp of all that it may have read when it started */
  prepare(stamp: string): void;
  /** The one that waits, if it was started under this stamp; else a new one. */
  take(stamp: string): BoundedChild;
}

interface Effects {
  start: () => BoundedChild;
  /** How long one waits before it is killed, in milliseconds. */
  lifetime: number;
  /** Aborted: none waits any more. */
  signal: AbortSignal;
}

export function createReadyChild({ start, lifetime, signal }: Effects): ReadyChild {
  let waiting: { child: BoundedChild; stamp: string; timer: NodeJS.Timeout } | undefined;
  signal.addEventListener("abort", drop);

  function prepare(stamp: string): void {
    if (signal.aborted || isFit(stamp)) return;
    drop();
    waiting = { child: start(), stamp, timer: setTimeout(drop, lifetime).unref() };
  }

  function take(stamp: string): BoundedChild {
    if (waiting === undefined || !isFit(stamp)) {
      drop();
      return start();
    }
    const { child, timer } = waiting;
    waiting = undefined;
    clearTimeout(timer);
    return child;
  }

  function isFit(stamp: string): boolean {
    return waiting !== undefined && waiting.stamp === stamp && !waiting.child.hasEnded();
  }

  function drop(): void {
    clearTimeout(waiting?.timer);
    waiting?.child.kill();
    waiting = undefined;
  }

  return { prepare, take };
}
