import { chown, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ensurePrivateDirectory } from "../places.ts";
import { browserUser } from "../session/world.ts";
import { accept } from "./accepted.ts";
import { type DisplayKind, type DisplayWish, type Place, kindWithout, planDisplay } from "./choose.ts";
import { dangerousAmong } from "./dangerous.ts";
import { openNested } from "./nested.ts";
import { readGlobals } from "./registry.ts";
import { openSecurityContext } from "./security-context.ts";

/** A socket for the browser; disposing of it ends what was started for it. */
export interface Display extends AsyncDisposable {
  kind: DisplayKind;
  socket: string;
  /** Aborted when what was started for it has ended. */
  ended?: AbortSignal;
}

/** @throws PosternError like `planDisplay`, and when the socket can not be made; the signal's reason */
export async function openDisplay(place: Place, wish: DisplayWish, signal: AbortSignal): Promise<Display> {
  const { kind, offered } = await planDisplay(place, wish, signal);
  const { state } = place.places;
  if (kind === "unsafe") await accept(state, wish.gate, offered);
  if (kind === "nested") return await nested(place, wish, signal);
  if (kind !== "context") return { kind, socket: wish.display, [Symbol.asyncDispose]: async () => undefined };

  await using parts = new AsyncDisposableStack();
  const context = parts.use(await contextOf(place, wish, signal));
  const still = dangerousAmong(await readGlobals(context.socket, signal));
  if (still.length > 0) {
    if ((await kindWithout(place, wish, still)) === "nested") {
      await parts.disposeAsync();
      return await nested(place, wish, signal);
    }
    await accept(state, wish.gate, still);
  }
  const kept = parts.move();
  const end = (): Promise<void> => kept.disposeAsync();
  return { ...context, kind: still.length > 0 ? "unsafe" : "context", [Symbol.asyncDispose]: end };
}

async function contextOf(place: Place, { display, gate }: DisplayWish, signal: AbortSignal): Promise<Display> {
  await using parts = new AsyncDisposableStack();
  const { uid, gid } = browserUser(place);
  const socket = join(parts.use(await makeDirectory(place, gate)).path, "wayland");
  parts.use(await openSecurityContext(display, socket, { app: gate, instance: `${process.pid}-${gate}` }, signal));
  await chown(socket, uid, gid);
  const kept = parts.move();
  return { kind: "context", socket, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

async function nested(place: Place, { display, gate }: DisplayWish, signal: AbortSignal): Promise<Display> {
  await using parts = new AsyncDisposableStack();
  const user = browserUser(place);
  const { path } = parts.use(await makeDirectory(place, gate));
  await chown(path, user.uid, user.gid);
  const { socket, ended } = parts.use(await openNested(display, path, user, place.environment, signal));
  const kept = parts.move();
  return { kind: "nested", socket, ended, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** An empty directory for the socket alone; what a crash left in its place is taken away. */
async function makeDirectory({ places, uid }: Place, gate: string): Promise<AsyncDisposable & { path: string }> {
  const displays = join(places.runtime, "displays");
  await ensurePrivateDirectory(displays, uid);
  const path = join(displays, gate);
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true });
  await remove();
  await mkdir(path, { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: remove };
}
