import { chown, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Engine } from "#container/engine.ts";
import { sessionName } from "#container/launch-spec.ts";
import { ensurePrivateDirectory } from "../places.ts";
import { browserUser } from "../session/world.ts";
import { type DisplayKind, type Place, planDisplay } from "./choose.ts";
import { unknownAmong } from "./harmless.ts";
import { openNested } from "./nested.ts";
import { readGlobals } from "./registry.ts";
import { openSecurityContext } from "./security-context.ts";

export interface DisplayWish {
  /** The socket of the user's compositor. */
  display: string;
  gate: string;
  /** The browser's, which has cage as well. */
  image: string;
}

/** A socket for the browser; disposing of it ends what was started for it. */
export interface Display extends AsyncDisposable {
  kind: DisplayKind;
  socket: string;
  /** Aborted when what was started for it has ended. */
  ended?: AbortSignal;
}

/** @throws PosternError like `planDisplay`, and when the socket can not be made; the signal's reason */
export async function openDisplay(
  place: Place,
  engine: Engine,
  { display, gate, image }: DisplayWish,
  signal: AbortSignal,
): Promise<Display> {
  const { kind } = await planDisplay(place, display, signal);
  if (kind === "plain") return { kind, socket: display, [Symbol.asyncDispose]: async () => undefined };

  await using parts = new AsyncDisposableStack();
  const directory = parts.use(await makeDirectory(place, gate)).path;
  let around = display;
  if (kind === "context") {
    const { socket } = parts.use(await openContext(place, directory, { display, gate }, signal));
    if (unknownAmong(await readGlobals(socket, signal)).length === 0) return owning(parts.move(), { kind, socket });
    // Not good enough for the browser, and still better than the compositor's own for who breaks cage.
    around = socket;
  }
  const { uid, gid } = browserUser(place);
  const made = join(directory, "nested");
  await mkdir(made, { mode: 0o700 });
  await chown(made, uid, gid);
  const session = sessionName(join(place.places.runtime, "gates"));
  const { environment } = place;
  const input = { image, gate, session, user: `${uid}:${gid}`, display: around, directory: made, environment };
  const { socket, ended } = parts.use(await openNested(engine, input, signal));
  return owning(parts.move(), { kind: "nested", socket, ended });
}

function owning(parts: AsyncDisposableStack, display: Omit<Display, keyof AsyncDisposable>): Display {
  return { ...display, [Symbol.asyncDispose]: () => parts.disposeAsync() };
}

async function openContext(
  place: Place,
  directory: string,
  { display, gate }: Pick<DisplayWish, "display" | "gate">,
  signal: AbortSignal,
): Promise<Disposable & { socket: string }> {
  const socket = join(directory, "wayland");
  using parts = new DisposableStack();
  parts.use(await openSecurityContext(display, socket, { app: gate, instance: `${process.pid}-${gate}` }, signal));
  const { uid, gid } = browserUser(place);
  await chown(socket, uid, gid);
  const kept = parts.move();
  return { socket, [Symbol.dispose]: () => kept.dispose() };
}

/** An empty directory for sockets alone; what a crash left in its place is taken away. */
async function makeDirectory({ places, uid }: Place, gate: string): Promise<AsyncDisposable & { path: string }> {
  const displays = join(places.runtime, "displays");
  await ensurePrivateDirectory(displays, uid);
  const path = join(displays, gate);
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  await remove();
  await mkdir(path, { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: remove };
}
