import { once } from "node:events";
import { chmod, readFile } from "node:fs/promises";
import { type Socket, createServer } from "node:net";
import { connectSocket } from "#wire/socket.ts";
import { type Passed, createSoundFilter } from "./filter.ts";
import { type SoundFrame, createSoundDecoder } from "./frame.ts";

export interface SoundServer {
  /** Its socket. */
  server: string;
  /** The file by which it may know its user. */
  cookie: string;
}

/** Firefox has one connection or two. */
const MOST_CONNECTIONS = 16;
/** libpulse sends sound in blocks of 64 KiB; of what the server says, a list of outputs is the longest. */
const LONGEST = 1024 * 1024;
/** No command of a browser's has that much, in bytes. */
const LONGEST_COMMAND = 16 * 1024;

/**
 * Serves sound to one browser, on a socket that there is not yet: each connection to it becomes one to the sound server,
 * through the filter. A server that goes takes its connections along; a later connection finds the next server.
 */
export async function serveSound(path: string, server: SoundServer): Promise<AsyncDisposable> {
  const sockets = new Set<Socket>();
  const serving = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => sockets.delete(socket));
    relay(socket, server).catch(() => socket.destroy());
  });
  serving.maxConnections = MOST_CONNECTIONS;
  serving.listen(path);
  await once(serving, "listening");
  // Who may come here is up to the directory.
  await chmod(path, 0o660);
  return {
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      serving.close();
      await once(serving, "close");
    },
  };
}

/** Until one of the two hangs up or says what it may not. */
async function relay(browser: Socket, { server, cookie }: SoundServer): Promise<void> {
  const sound = await connectSocket(server);
  sound.on("error", () => sound.destroy());
  const filter = createSoundFilter(await readFile(cookie).catch(() => new Uint8Array()));
  const ended = new AbortController();
  const send = async ({ toServer, toBrowser }: Passed): Promise<void> => {
    for (const [socket, bytes] of [[sound, toServer] as const, [browser, toBrowser] as const]) {
      if (bytes !== undefined && !socket.write(bytes)) await once(socket, "drain", { signal: ended.signal });
    }
  };
  try {
    await Promise.race([
      pump(browser, LONGEST_COMMAND, filter.fromBrowser, send),
      pump(sound, LONGEST, filter.fromServer, send),
    ]);
  } finally {
    ended.abort();
    sound.destroy();
    browser.destroy();
  }
}

async function pump(
  from: Socket,
  control: number,
  pass: (frame: SoundFrame) => Passed,
  send: (passed: Passed) => Promise<void>,
): Promise<void> {
  const decode = createSoundDecoder({ control, sound: LONGEST });
  for await (const piece of from) {
    const bytes: Buffer = piece;
    for (const frame of decode(bytes)) await send(pass(frame));
  }
}
