import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { PosternError } from "#protocol/error.ts";

export interface ChildEnd {
  exitCode: number | null;
  output: Buffer;
  /** What came on descriptor 3. */
  status: string;
}

/** How long it may take. */
export interface TimeBounds {
  /** In milliseconds. */
  patience: number;
  /** Aborted: no longer than now. */
  signal: AbortSignal;
}

/** A program that waits for its input. */
export interface BoundedChild {
  /**
   * Gives it its input and waits for its end; where it throws, the child and all that it started are killed.
   * @throws PosternError `internal` when there is no such program; `entry_invalid` when it prints over 1 MiB;
   *   `timeout`; the signal's reason
   */
  finish(input: Uint8Array, bounds: TimeBounds): Promise<ChildEnd>;
  /** Kills it and all that it started. */
  kill(): void;
  hasEnded(): boolean;
}

/** Of its output, and of its status, in bytes. */
const MAX_OUTPUT = 1024 * 1024;

/**
 * Starts a program without a shell, in a process group that ends with it. What it prints as errors is nobody's.
 * @param env the whole of its environment
 */
export function startBounded(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): BoundedChild {
  const child = spawn(program, args, { cwd: "/", env, stdio: ["pipe", "pipe", "ignore", "pipe"], detached: true });
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const output = collect(child.stdout, fail);
  const status = collect(child.stdio[3], fail);
  const ended = ending(child);
  // Nobody may be waiting yet, or any more.
  failed.catch(() => undefined);
  ended.catch(() => undefined);
  // A program that ends before it has read everything says so by its exit code.
  child.stdin?.on("error", () => undefined);
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const kill = (): void => (hasEnded() ? undefined : killGroup(child));

  async function finish(input: Uint8Array, { patience, signal }: TimeBounds): Promise<ChildEnd> {
    const timer = setTimeout(() => fail(tooLate()), patience);
    const abort = (): void => fail(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    if (signal.aborted) abort();
    try {
      child.stdin?.end(input);
      const exitCode = await Promise.race([failed, ended]);
      return { exitCode, output: Buffer.concat(output), status: Buffer.concat(status).toString() };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
      kill();
      await ended.catch(() => undefined);
      for (const chunk of output) chunk.fill(0);
    }
  }

  return { finish, kill, hasEnded };
}

/** Starts a program, gives it its input and waits for its end: what both of these throw. */
export async function runBounded(
  program: string,
  args: readonly string[],
  { env, input, ...bounds }: { env: Readonly<Record<string, string>>; input: Uint8Array } & TimeBounds,
): Promise<ChildEnd> {
  bounds.signal.throwIfAborted();
  return await startBounded(program, args, env).finish(input, bounds);
}

/** The chunks as they come, up to the limit. */
function collect(stream: unknown, fail: (error: PosternError) => void): Buffer[] {
  const chunks: Buffer[] = [];
  let length = 0;
  if (!(stream instanceof Readable)) return chunks;
  stream.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length <= MAX_OUTPUT) return;
    stream.destroy();
    fail(new PosternError("entry_invalid", "The entry holds more than 1 MiB.", "Keep files elsewhere."));
  });
  return chunks;
}

/** Waits until the program has ended and its pipes are empty; not for Node to close them, which takes as long again. */
async function ending(child: ChildProcess): Promise<number | null> {
  const { promise: ended, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", () => reject(new PosternError("internal", "gpg can not be started.", "Install GnuPG.")));
  child.on("exit", (exitCode) => {
    resolve(exitCode);
    // What it left behind would keep the pipes open.
    setImmediate(killGroup, child);
  });
  const [exitCode] = await Promise.all([ended, emptied(child.stdout), emptied(child.stdio[3])]);
  return exitCode;
}

async function emptied(stream: unknown): Promise<void> {
  if (!(stream instanceof Readable)) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  stream.once("end", resolve).once("close", resolve);
  await promise;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

function tooLate(): PosternError {
  return new PosternError("timeout", "gpg-agent did not answer in time.", "Is its question for the passphrase open?");
}
