import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { once } from "node:events";
import { createFrameDecoder, encodeFrame } from "#wire/frame.ts";
import { eventually } from "./eventually.ts";

/** A native messaging host, started and talked to as a browser does. */
export interface NativeHost {
  process: ChildProcess;
  stderr(): string;
  send(message: object): void;
  /** The reply of that id. */
  next(id: number): Promise<Record<string, unknown>>;
  ask(request: { id: number } & Record<string, unknown>): Promise<Record<string, unknown>>;
  exitCode(): Promise<unknown>;
}

export function startNativeHost([program = "", ...words]: string[], options: SpawnOptions = {}): NativeHost {
  const child: ChildProcess = spawn(program, words, { ...options, stdio: ["pipe", "pipe", "pipe"] });
  const exit = once(child, "exit", { signal: AbortSignal.timeout(60_000) });
  exit.catch(() => undefined);
  const decoder = createFrameDecoder(1024 * 1024, "LE");
  const received: Record<string, unknown>[] = [];
  let stderr = "";
  child.stdin?.on("error", () => undefined);
  child.stderr?.on("data", (piece: Buffer) => (stderr += piece.toString()));
  child.stdout?.on("data", (piece: Buffer) => {
    for (const frame of decoder.push(piece)) received.push(JSON.parse(Buffer.from(frame).toString()));
  });
  const send = (message: object): void =>
    void child.stdin?.write(encodeFrame(Buffer.from(JSON.stringify(message)), "LE"));
  const next = (id: number) => eventually(`reply ${id}`, () => received.find((message) => message.id === id), 60_000);
  return {
    process: child,
    stderr: () => stderr,
    send,
    next,
    ask: (request) => {
      send(request);
      return next(request.id);
    },
    exitCode: async (): Promise<unknown> => (await exit)[0],
  };
}
