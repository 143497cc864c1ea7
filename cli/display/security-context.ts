import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { PosternError } from "#protocol/error.ts";
import { connectDescriptor, listenDescriptor, pipeDescriptors, sendDescriptors } from "../descriptors.ts";
import { FIRST_FREE_ID, REGISTRY, globalsOver, notThere, roundTrip } from "./registry.ts";
import { WL_DISPLAY, encodeRequest } from "./wire.ts";

/** Wayland's security-context-v1, staging: with it a compositor knows which of its clients are sandboxed. */
export const SECURITY_CONTEXT = "wp_security_context_manager_v1";
const SANDBOX_ENGINE = "io.github.postern";

/** Opcodes of wl_display, wl_registry, and the two interfaces of the protocol. */
const SYNC = 0;
const BIND = 0;
const CREATE_LISTENER = 1;
const SET_SANDBOX_ENGINE = 1;
const SET_APP_ID = 2;
const SET_INSTANCE_ID = 3;
const COMMIT = 4;

/**
 * Has the compositor listen on a new socket, with whose clients it deals as with sandboxed ones.
 * Disposing of it has the compositor stop listening; so does the end of this process.
 * @param path of the new socket
 * @throws PosternError `internal`; the signal's reason
 */
export async function openSecurityContext(
  display: string,
  path: string,
  { app, instance }: { app: string; instance: string },
  signal: AbortSignal,
): Promise<Disposable> {
  const connection = connectTo(display);
  // Owns the descriptor from here on, and closes it.
  using socket = disposable(new Socket({ fd: connection, readable: true, writable: true }));
  socket.on("error", () => socket.destroy());
  const globals = await globalsOver(socket, signal);
  const manager = globals.find((global) => global.interface === SECURITY_CONTEXT);
  if (manager === undefined) throw refused();

  const [managerId, contextId, callbackId] = [FIRST_FREE_ID, FIRST_FREE_ID + 1, FIRST_FREE_ID + 2];
  using parts = new DisposableStack();
  const { reading, writing } = pipeDescriptors();
  // The compositor has a copy of what it was sent; it listens until this end of the pipe is closed.
  const open = new DisposableStack();
  open.defer(() => closeSync(writing));
  parts.use(open);
  parts.defer(() => closeSync(reading));
  const listening = listenDescriptor(path);
  parts.defer(() => closeSync(listening));
  const bind = encodeRequest(REGISTRY, BIND, manager.name, SECURITY_CONTEXT, 1, managerId);
  const create = encodeRequest(managerId, CREATE_LISTENER, contextId);
  sendDescriptors(connection, Buffer.concat([bind, create]), [listening, reading]);
  const requests = [
    encodeRequest(contextId, SET_SANDBOX_ENGINE, SANDBOX_ENGINE),
    encodeRequest(contextId, SET_APP_ID, app),
    encodeRequest(contextId, SET_INSTANCE_ID, instance),
    encodeRequest(contextId, COMMIT),
    encodeRequest(WL_DISPLAY, SYNC, callbackId),
  ];
  await roundTrip(socket, Buffer.concat(requests), callbackId, signal);
  return open.move();
}

function connectTo(display: string): number {
  try {
    return connectDescriptor(display);
  } catch {
    throw notThere(display);
  }
}

function disposable(socket: Socket): Socket & Disposable {
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() });
}

function refused(): PosternError {
  return new PosternError(
    "internal",
    "The compositor has withdrawn its security contexts.",
    "Try again: postern up; without a window: postern up --headless",
  );
}
