import { type ChildProcess, spawn } from "node:child_process";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { PosternError } from "#protocol/error.ts";
import { type SessionEvent, isSessionEvent } from "#protocol/generated/control.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES } from "#protocol/names.ts";
import { type AskingEnd, askOver } from "#wire/ask.ts";
import { notWritable } from "#wire/not-writable.ts";
import { connectSocket } from "#wire/socket.ts";
import type { Context } from "./context.ts";
import { type Places, ensurePrivateDirectory, requirePrivateDirectory } from "./places.ts";

const START_DEADLINE = 10_000;
const RETRY_AFTER = 50;

/**
 * A connection to the session process that runs, or undefined.
 * @throws PosternError `internal` when somebody else could have put the socket there
 */
export async function connectSession(
  places: Places,
  uid: number,
  onEvent: (event: SessionEvent) => void = () => undefined,
): Promise<AskingEnd | undefined> {
  if (!(await requirePrivateDirectory(places.runtime, uid))) return undefined;
  const socket = await connectSocket(join(places.runtime, "session.sock")).catch(() => undefined);
  if (socket === undefined) return undefined;
  return askOver(socket, {
    maxIncoming: MAX_REPLY_BYTES,
    maxOutgoing: MAX_REQUEST_BYTES,
    onEvent: (event) => {
      if (isSessionEvent(event)) onEvent(event);
    },
  });
}

/**
 * The same, starting the session process first where none runs.
 * @throws PosternError `internal` when it does not come up; the signal's reason
 */
export async function startSession(
  { places, bundles, uid }: Context,
  onEvent: (event: SessionEvent) => void,
  signal: AbortSignal,
): Promise<AskingEnd> {
  const running = await connectSession(places, uid, onEvent);
  if (running !== undefined) return running;
  await ensurePrivateDirectory(places.runtime, uid);
  await ensurePrivateDirectory(places.state, uid);
  const logPath = join(places.state, "session.log");
  await using log = await open(logPath, "w", 0o600).catch((error: unknown) => {
    throw notWritable(logPath, error);
  });
  const launch = (): ChildProcess => {
    // In a session of its own, so that a closed terminal does not take the browser with it.
    const started = spawn(process.execPath, [join(bundles, "postern-session.cjs")], {
      detached: true,
      stdio: ["ignore", log.fd, log.fd],
    });
    started.unref();
    return started;
  };
  let child = launch();
  const deadline = performance.now() + START_DEADLINE;
  while (performance.now() < deadline && !signal.aborted) {
    const started = await connectSession(places, uid, onEvent);
    if (started !== undefined) return started;
    // It made way for another one, which has ended since.
    if (child.exitCode === 0) child = launch();
    else if (child.exitCode !== null) break;
    await wait(RETRY_AFTER);
  }
  child.kill();
  signal.throwIfAborted();
  throw new PosternError("internal", "The session process did not start.", `Look at its messages in ${logPath}`);
}

/** @throws PosternError `no_broker` when no session process runs */
export async function requireSession(places: Places, uid: number): Promise<AskingEnd> {
  const running = await connectSession(places, uid);
  if (running !== undefined) return running;
  throw new PosternError("no_broker", "Postern is not running.", "Start it with: postern up");
}
