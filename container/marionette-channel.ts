import type { Duplex } from "node:stream";
import { PosternError } from "#protocol/error.ts";
import { createPacketDecoder, encodePacket } from "./marionette-packets.ts";

/** Sends one command and waits for its result. @throws PosternError `internal`; the signal's reason */
export type SendCommand = (name: string, parameters?: object) => Promise<unknown>;

/** Type of a message, of two: a command, and the response with the same id. */
const [COMMAND, RESPONSE] = [0, 1];

/**
 * The commands and responses of Marionette, version 3, over a connection to it.
 * @returns when Marionette has said that it is there
 */
export async function openMarionetteChannel(stream: Duplex, signal: AbortSignal): Promise<SendCommand> {
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const greeting = Promise.withResolvers<unknown>();
  const decode = createPacketDecoder();
  let lastId = 0;
  let failure: Error | undefined;

  pending.set(lastId, greeting);
  stream.on("data", (piece: Uint8Array) => {
    try {
      for (const packet of decode(piece)) receive(packet);
    } catch {
      fail(new PosternError("internal", "The browser's remote control sent something that can not be read."));
    }
  });
  stream.on("error", () => fail(gone()));
  stream.on("close", () => fail(gone()));
  stream.on("end", () => fail(gone()));
  signal.addEventListener("abort", () => fail(reasonOf(signal)), { once: true });
  if (signal.aborted) fail(reasonOf(signal));

  function receive(packet: unknown): void {
    if (!Array.isArray(packet)) return greeting.resolve(packet);
    const [type, id, error, result]: unknown[] = packet;
    if (type !== RESPONSE || typeof id !== "number") return;
    const command = pending.get(id);
    pending.delete(id);
    if (error === null) command?.resolve(result);
    else command?.reject(refusal(error));
  }

  function fail(reason: Error): void {
    failure ??= reason;
    for (const command of pending.values()) command.reject(failure);
    pending.clear();
    stream.destroy();
  }

  async function send(name: string, parameters: object = {}): Promise<unknown> {
    if (failure !== undefined) throw failure;
    lastId++;
    const response = Promise.withResolvers<unknown>();
    pending.set(lastId, response);
    stream.write(encodePacket([COMMAND, lastId, name, parameters]));
    return await response.promise;
  }

  await greeting.promise;
  return send;
}

function reasonOf({ reason }: AbortSignal): Error {
  return reason instanceof Error ? reason : new PosternError("cancelled", "The browser was let go of.");
}

/** The kind of error is one of WebDriver's own list; what pages and scripts said with it is left out. */
function refusal(error: unknown): PosternError {
  const kind: unknown = typeof error === "object" && error !== null ? Reflect.get(error, "error") : undefined;
  return new PosternError("internal", `The browser could not do what it was told: ${String(kind)}.`);
}

function gone(): PosternError {
  return new PosternError("internal", "The browser ended.", "Start it again with: postern up");
}
