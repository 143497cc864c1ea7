import { chmod, rm } from "node:fs/promises";
import { type Server, type Socket, createServer } from "node:net";
import { PosternError } from "#protocol/error.ts";
import { connectSocket } from "#wire/socket.ts";

/** The longest path that fits a socket address (unix(7)), its final NUL not counted. */
const MAX_PATH_BYTES = 107;

/** Far more than vault and user have use for: a vault that was broken in must not take all of this process's memory. */
const MAX_CONNECTIONS = 64;

/**
 * Listens on a Unix socket that only its owner can use, in a directory that only its owner can enter.
 * @throws PosternError `busy` when somebody listens there already; `internal` when the path is too long
 */
export async function listenPrivately(path: string, server: Server): Promise<AsyncDisposable> {
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new PosternError(
      "internal",
      `The path ${path} is too long for a socket.`,
      "Set XDG_RUNTIME_DIR to a shorter directory.",
    );
  }
  const other = await connectSocket(path).catch(() => undefined);
  if (other !== undefined) {
    other.destroy();
    throw new PosternError("busy", "Postern is running already.");
  }
  await rm(path, { force: true });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", reject);
  server.maxConnections = MAX_CONNECTIONS;
  server.listen(path, resolve);
  await promise;
  await chmod(path, 0o600);
  return {
    [Symbol.asyncDispose]: async () => {
      server.close();
      await rm(path, { force: true });
    },
  };
}

/** A server that hands over each connection and closes those that are left when it is disposed of. */
export async function serveSocket(path: string, serve: (socket: Socket) => void): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    serve(socket);
  });
  const listening = await listenPrivately(path, server);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await listening[Symbol.asyncDispose]();
    },
  };
}
