import { access, chmod, chown, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startContainer } from "#container/containers.ts";
import type { Engine } from "#container/engine.ts";
import { SOUND_SOCKET, soundSpec } from "#container/sound-spec.ts";
import type { Surroundings } from "#protocol/generated/control.ts";
import { ensurePrivateDirectory } from "../places.ts";
import { socketAnswers } from "../socket-answers.ts";
import { type World, browserUser } from "./world.ts";
import { writeNote } from "../output.ts";

interface Wanted {
  image: string;
  gate: string;
  session: string;
  sound: NonNullable<Surroundings["sound"]>;
}

/** Holds the socket on which the browser plays. */
export interface Sound extends AsyncDisposable {
  directory: string;
}

const READY_DEADLINE = 20_000;

/**
 * Starts the relay for sound of one gate, in a container. One that does not come up, or ends, leaves the browser without
 * sound, which the session's log tells.
 * @throws the signal's reason
 */
export async function openSound(
  { places, uid, gid }: World,
  engine: Engine,
  { image, gate, session, sound }: Wanted,
  signal: AbortSignal,
): Promise<Sound> {
  await using parts = new AsyncDisposableStack();
  const directory = join(places.runtime, "sound", gate);
  await ensurePrivateDirectory(dirname(directory), uid);
  // A session process that was killed left its own.
  await rm(directory, { recursive: true, force: true });
  await ensurePrivateDirectory(directory, uid);
  parts.defer(() => rm(directory, { recursive: true, force: true }));
  const browser = browserUser({ uid, gid });
  if (browser.uid !== uid) {
    // What is made in it is of the browser's group, which the relay has no right to give.
    await chown(directory, uid, browser.gid);
    await chmod(directory, 0o2750);
  }
  const cookie = await access(sound.cookie).then(
    () => sound.cookie,
    () => undefined,
  );
  const spec = soundSpec({ image, gate, session, user: `${uid}:${gid}`, server: sound.server, cookie, directory });
  const relay = parts.use(await startContainer(engine, spec, signal));
  const ended = new AbortController();
  const ending = new AbortController();
  // Before it is told to end.
  parts.defer(() => ending.abort());
  const silent = (): void => {
    ended.abort();
    if (ending.signal.aborted) return;
    writeNote(`postern: The gate ${gate} has no sound: its relay has ended.\n`);
  };
  relay.exited.then(silent, () => undefined);
  const limit = AbortSignal.any([signal, ended.signal, AbortSignal.timeout(READY_DEADLINE)]);
  await socketAnswers(join(directory, SOUND_SOCKET), limit).catch(() => signal.throwIfAborted());
  const kept = parts.move();
  return { directory, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
