import { type Socket, createConnection } from "node:net";

/**
 * A connected Unix socket.
 * @param signal aborted: the socket is destroyed, then and later. Not Node's own option of that name, which keeps each
 *   socket for as long as there is the signal.
 * @throws the system's error when nobody listens; the signal's reason
 */
export async function connectSocket(path: string, signal?: AbortSignal): Promise<Socket> {
  signal?.throwIfAborted();
  const socket = createConnection({ path, allowHalfOpen: true });
  const abort = (): void => void socket.destroy(signal?.reason);
  signal?.addEventListener("abort", abort, { once: true });
  socket.once("close", () => signal?.removeEventListener("abort", abort));
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.once("connect", resolve);
  socket.once("error", reject);
  try {
    await promise;
    return socket;
  } finally {
    socket.off("error", reject);
  }
}
