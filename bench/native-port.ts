import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { endianness } from "node:os";
import { createFrameDecoder, encodeFrame } from "#wire/frame.ts";

/** A list of a large store is longer than a browser would take. */
const MAX_BYTES = 64 * 1024 * 1024;

/** A program that was started as a browser starts a native messaging host, and its frames on standard input and output. */
export interface NativePort extends AsyncDisposable {
  process: ChildProcess;
  /** Sends a request and waits for the answer that comes next. @throws Error when the program ends instead */
  ask(message: object): Promise<unknown>;
}

export function openNativePort(
  program: string,
  parameters: readonly string[],
  environment: Record<string, string>,
): NativePort {
  const child = spawn(program, parameters, { env: environment, stdio: ["pipe", "pipe", "ignore"] });
  const decoder = createFrameDecoder(MAX_BYTES, endianness());
  let waiting: PromiseWithResolvers<unknown> | undefined;
  const ended = once(child, "close").then(() => waiting?.reject(new Error(`${program} has ended`)));
  child.stdin.on("error", () => undefined);
  child.stdout.on("data", (piece: Buffer) => {
    for (const frame of decoder.push(piece)) {
      const message: object = JSON.parse(Buffer.from(frame).toString());
      if (!("event" in message)) waiting?.resolve(message);
    }
  });

  async function ask(message: object): Promise<unknown> {
    waiting = Promise.withResolvers();
    child.stdin.write(encodeFrame(Buffer.from(JSON.stringify(message)), endianness()));
    return await waiting.promise;
  }

  return {
    process: child,
    ask,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended.catch(() => undefined);
    },
  };
}
