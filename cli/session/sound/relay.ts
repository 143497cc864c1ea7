import { once } from "node:events";
import { chmod, chown, readFile, rm } from "node:fs/promises";
import type { Socket } from "node:net";
import { dirname, join } from "node:path";
import type { Surroundings } from "#protocol/generated/control.ts";
import { connectSocket } from "#wire/socket.ts";
import { ensurePrivateDirectory } from "../../places.ts";
import { serveSocket } from "../listen.ts";
import { type Passed, createSoundFilter } from "./filter.ts";
import { type SoundFrame, createSoundDecoder } from "./frame.ts";

export type SoundServer = NonNullable<Surroundings["sound"]>;

interface SoundPlace {
  /** Made anew, and gone at the end. */
  directory: string;
  /** The user of the session, and the one that the browser runs as. */
  own: User;
  browser: User;
}

interface User {
  uid: number;
  gid: number;
}

/** Firefox has one connection or two. */
const MOST_CONNECTIONS = 16;
/** libpulse sends sound in blocks of 64 KiB; of what the server says, a list of outputs is the longest. */
const LONGEST_FRAME = 1024 * 1024;

/**
 * Serves sound to one browser, on the socket `native` of a directory: each connection to it becomes one to the sound
 * server, through the filter. A server that goes takes its connections along; a later connection finds the next server.
 */
export async function serveSound(
  { directory, own, browser }: SoundPlace,
  server: SoundServer,
): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  await ensurePrivateDirectory(dirname(directory), own.uid);
  // A session process that was killed left its own.
  await rm(directory, { recursive: true, force: true });
  await ensurePrivateDirectory(directory, own.uid);
  parts.defer(() => rm(directory, { recursive: true, force: true }));
  let open = 0;
  const path = join(directory, "native");
  parts.use(
    await serveSocket(path, (socket) => {
      socket.once("close", () => (open -= 1));
      open += 1;
      if (open > MOST_CONNECTIONS) socket.destroy();
      else relay(socket, server).catch(() => socket.destroy());
    }),
  );
  if (browser.uid !== own.uid) {
    await chown(path, own.uid, browser.gid);
    await chmod(path, 0o660);
    await chown(directory, own.uid, browser.gid);
    await chmod(directory, 0o750);
  }
  const kept = parts.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
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
    await Promise.race([pump(browser, filter.fromBrowser, send), pump(sound, filter.fromServer, send)]);
  } finally {
    ended.abort();
    sound.destroy();
    browser.destroy();
  }
}

async function pump(
  from: Socket,
  pass: (frame: SoundFrame) => Passed,
  send: (passed: Passed) => Promise<void>,
): Promise<void> {
  const decode = createSoundDecoder(LONGEST_FRAME);
  for await (const piece of from) {
    const bytes: Buffer = piece;
    for (const frame of decode(bytes)) await send(pass(frame));
  }
}
