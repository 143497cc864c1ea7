import type { Socket } from "node:net";
import { PosternError } from "#protocol/error.ts";
import { connectSocket } from "#wire/socket.ts";
import { createReplyReader } from "./reply.ts";
import { type Global, WL_DISPLAY, encodeRequest, notWayland } from "./wire.ts";

/** The ids that a connection gives to its registry and to the end of a round trip; later ones begin after them. */
export const REGISTRY = 2;
const CALLBACK = 3;
export const FIRST_FREE_ID = 4;

const DEADLINE = 10_000;
const GET_REGISTRY = 1;
const SYNC = 0;

/**
 * What a compositor offers to whoever connects to its socket.
 * @throws PosternError `internal` when nobody listens, or it is no compositor; the signal's reason
 */
export async function readGlobals(path: string, signal: AbortSignal): Promise<Global[]> {
  const socket = await connectDisplay(path);
  try {
    return await globalsOver(socket, signal);
  } finally {
    socket.destroy();
  }
}

/** The same over a connection that is new, which then has a registry. */
export async function globalsOver(socket: Socket, signal: AbortSignal): Promise<Global[]> {
  const request = Buffer.concat([
    encodeRequest(WL_DISPLAY, GET_REGISTRY, REGISTRY),
    encodeRequest(WL_DISPLAY, SYNC, CALLBACK),
  ]);
  return await roundTrip(socket, request, CALLBACK, signal);
}

/**
 * Sends requests, the last of which is wl_display.sync, and waits until the compositor has carried them out.
 * @returns what the registry, where there is one, has told meanwhile
 * @throws PosternError `internal` when it refuses one, hangs up, is silent or talks without end; the signal's reason
 */
export async function roundTrip(
  socket: Socket,
  requests: Buffer,
  callback: number,
  signal: AbortSignal,
): Promise<Global[]> {
  const { promise, resolve, reject } = Promise.withResolvers<Global[]>();
  const read = createReplyReader(REGISTRY, callback);
  const onData = (piece: Buffer): void => {
    try {
      const globals = read(piece);
      if (globals !== undefined) resolve(globals);
    } catch (error) {
      // It is listened to no longer, whatever else it says.
      socket.destroy();
      reject(error instanceof Error ? error : notWayland());
    }
  };
  const onClose = (): void => reject(notWayland());
  const limit = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE)]);
  limit.addEventListener("abort", onClose, { once: true });
  socket.on("data", onData).once("end", onClose).once("close", onClose);
  try {
    socket.write(requests);
    return await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    limit.removeEventListener("abort", onClose);
    socket.off("data", onData).off("end", onClose).off("close", onClose);
  }
}

/** @throws PosternError `internal` when nobody listens there */
async function connectDisplay(path: string): Promise<Socket> {
  try {
    const socket = await connectSocket(path);
    socket.on("error", () => socket.destroy());
    return socket;
  } catch {
    throw notThere(path);
  }
}

export function notThere(path: string): PosternError {
  return new PosternError(
    "internal",
    `No Wayland compositor answers at ${path}.`,
    "See what WAYLAND_DISPLAY and XDG_RUNTIME_DIR name in this terminal; without a window: postern up --headless",
  );
}
