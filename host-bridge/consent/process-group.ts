/** How long a program may take to end when it is asked to, in milliseconds. */
const GRACE = 1_000;

export interface ProcessGroup extends Disposable {
  /** Asks all of it to end, and a second later makes it. */
  end(): void;
}

/**
 * A program that was started as the leader of a group of its own, and all that it started in turn: many who ask for
 * consent are scripts around a program that draws. Disposing of it when it has ended keeps others from being taken
 * for it.
 */
export function processGroup(pid: number | undefined): ProcessGroup {
  let timer: NodeJS.Timeout | undefined;

  function send(signal: NodeJS.Signals): void {
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended already.
    }
  }

  function end(): void {
    send("SIGTERM");
    timer ??= setTimeout(() => send("SIGKILL"), GRACE);
  }

  return { end, [Symbol.dispose]: () => clearTimeout(timer) };
}
