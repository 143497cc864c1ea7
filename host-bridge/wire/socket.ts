import { type Socket, createConnection } from "node:net";

/** A connected Unix socket. @throws the system's error when nobody listens */
export async function connectSocket(path: string, signal?: AbortSignal): Promise<Socket> {
  const socket = createConnection({ path, allowHalfOpen: true, ...(signal === undefined ? {} : { signal }) });
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
