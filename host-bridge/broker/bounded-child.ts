import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { PosternError } from "#protocol/error.ts";

export interface ChildOptions {
  /** The whole of the child's environment. */
  env: Readonly<Record<string, string>>;
  input: Uint8Array;
  /** Aborted: the child and all that it started are killed. */
  signal: AbortSignal;
}

export interface ChildEnd {
  exitCode: number | null;
  output: Buffer;
  /** What came on descriptor 3. */
  status: string;
}

/** Of its output, and of its status, in bytes. */
const MAX_OUTPUT = 1024 * 1024;

/**
 * Runs a program without a shell, in a process group that ends with it. What it prints as errors is nobody's.
 * @throws PosternError `internal` when there is no such program; `entry_invalid` when it prints over 1 MiB;
 *   the signal's reason
 */
export async function runBounded(program: string, args: readonly string[], options: ChildOptions): Promise<ChildEnd> {
  const { env, input, signal } = options;
  signal.throwIfAborted();
  const child = spawn(program, args, { cwd: "/", env, stdio: ["pipe", "pipe", "ignore", "pipe"], detached: true });
  const { promise: failed, reject: fail } = Promise.withResolvers<never>();
  const abort = (): void => fail(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  const output = collect(child.stdout, fail);
  const status = collect(child.stdio[3], fail);
  const closed = closing(child);
  try {
    // A program that ends before it has read everything says so by its exit code.
    child.stdin?.on("error", () => undefined).end(input);
    const exitCode = await Promise.race([closed, failed]);
    return { exitCode, output: Buffer.concat(output), status: Buffer.concat(status).toString() };
  } finally {
    signal.removeEventListener("abort", abort);
    if (child.exitCode === null && child.signalCode === null) killGroup(child);
    await closed.catch(() => undefined);
    for (const chunk of output) chunk.fill(0);
  }
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

/** Waits until the program has ended and its pipes are empty. */
function closing(child: ChildProcess): Promise<number | null> {
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.on("error", () => reject(new PosternError("internal", "gpg can not be started.", "Install GnuPG.")));
  // What it left behind would keep the pipes open.
  child.on("exit", () => killGroup(child));
  child.on("close", resolve);
  return promise;
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}
