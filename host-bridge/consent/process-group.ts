import { execa } from "execa";

/** What a program may print, in bytes: an answer, or the name of an entry. */
const MAX_OUTPUT = 8_192;

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

interface Start {
  /** Undefined: that of this process. */
  environment?: NodeJS.ProcessEnv;
  /** For its standard input. */
  input: string;
}

interface Ended {
  /** It could not be started, was killed, printed too much, or ended with another exit code than 0. */
  failed: boolean;
  stdout: string;
  signal?: string | undefined;
  exitCode?: number | undefined;
  /** Milliseconds that a prompt was shown for before its answer (prompt/main.ts); 0 where that is not known. */
  shownFor: number;
}

/** Runs a program to its end. An abort of the signal meanwhile ends it, and all that it started. */
export async function runInGroup(
  [program, ...parameters]: readonly [string, ...string[]],
  { environment, input }: Start,
  signal: AbortSignal,
): Promise<Ended> {
  const running = execa(program, parameters, {
    ...(environment && { env: environment, extendEnv: false }),
    input,
    stdio: ["pipe", "pipe", "ignore", "pipe"],
    maxBuffer: MAX_OUTPUT,
    reject: false,
    detached: true,
  });
  using group = processGroup(running.pid);
  signal.addEventListener("abort", group.end, { once: true });
  const result = await running;
  signal.removeEventListener("abort", group.end);
  const { failed, stdout, exitCode } = result;
  return { failed, stdout, exitCode, signal: result.signal, shownFor: Number(result.stdio[3]) || 0 };
}
