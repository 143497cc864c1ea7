import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { type Server, type Socket, createServer } from "node:net";
import { encodeRequest } from "#cli/display/wire.ts";

/** What such a compositor offers to everybody, and in a security context. */
export interface Announced {
  globals: readonly string[];
  /** Where a context's socket is made, and what is offered there; without it, there are no contexts. */
  context?: { path: string; globals: readonly string[] };
}

/** wl_display.sync: of the ids that Postern gives to it, for a registry and for a context. */
const REGISTRY_TOLD = encodeRequest(1, 0, 3);
const CONTEXT_MADE = encodeRequest(1, 0, 6);

/**
 * In the place of compositors that are too large to install for a test: a Wayland socket that announces what they do,
 * to whoever connects, and does nothing.
 */
export async function announceGlobals(path: string, { globals, context }: Announced): Promise<AsyncDisposable> {
  const parts = new AsyncDisposableStack();
  const own = context === undefined ? globals : [...globals, "wp_security_context_manager_v1"];
  parts.use(
    await listen(path, async (socket, said) => {
      if (said.includes(REGISTRY_TOLD)) socket.write(answer(own, 3));
      if (!said.includes(CONTEXT_MADE) || context === undefined) return;
      // The descriptor that it was sent is out of a Node program's reach: a socket of its own is put in the place.
      await rm(context.path);
      parts.use(await announceGlobals(context.path, { globals: context.globals }));
      socket.write(encodeRequest(6, 0, 1));
    }),
  );
  return parts;
}

/** Each event has the form of a request. */
function answer(globals: readonly string[], callback: number): Buffer {
  const announced = globals.map((name, index) => encodeRequest(2, 0, index + 1, name, 1));
  return Buffer.concat([...announced, encodeRequest(callback, 0, 1)]);
}

async function listen(
  path: string,
  onRequests: (socket: Socket, said: Buffer) => Promise<void>,
): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    let said = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("data", (piece: Buffer) => {
      const before = said;
      said = Buffer.concat([before, piece]);
      const isNew = (request: Buffer): boolean => said.includes(request) && !before.includes(request);
      const fresh = [REGISTRY_TOLD, CONTEXT_MADE].filter(isNew);
      onRequests(socket, Buffer.concat(fresh)).catch(() => socket.destroy());
    });
  });
  server.listen(path);
  await once(server, "listening");
  await chmod(path, 0o777);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
