import { chmod, rm, stat } from "node:fs/promises";
import type { Server } from "node:net";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { connectSocket } from "#wire/socket.ts";

/** Where a gate's connections come from: a directory that the session process made, or a socket that was handed over. */
export type GateSocket = { directory: string } | { descriptor: number };

/**
 * Listens there until it is disposed of.
 * @throws PosternError `internal` when the directory can not be used or another broker listens there
 */
export async function listenAtGate(server: Server, gate: string, socket: GateSocket): Promise<AsyncDisposable> {
  if ("descriptor" in socket) {
    await listening(server, gate, { fd: socket.descriptor });
    // Its place in the file system is whose who handed it over.
    return { [Symbol.asyncDispose]: async () => void server.close() };
  }
  const { directory } = socket;
  const path = join(directory, "bridge.sock");
  await clearWay(path);
  await listening(server, gate, { path });
  // The session process says by the directory's mode whether the sandbox runs under a group of its own.
  const isShared = ((await stat(directory)).mode & 0o050) !== 0;
  await chmod(path, isShared ? 0o660 : 0o600);
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await rm(path, { force: true });
    },
  };
}

function listening(server: Server, gate: string, where: { fd: number } | { path: string }): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", () => reject(new PosternError("internal", `The gate ${gate} can not be opened.`)));
  server.listen(where, resolve);
  return promise;
}

/** Removes the socket of a broker that is gone, never that of one that answers. */
async function clearWay(path: string): Promise<void> {
  const other = await connectSocket(path).catch(() => undefined);
  if (other !== undefined) {
    other.destroy();
    throw new PosternError("internal", "Another broker serves this gate.", "End it with: postern down");
  }
  await rm(path, { force: true });
}
