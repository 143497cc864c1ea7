import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { connectSocket } from "#wire/socket.ts";
import { connectDisplay } from "./registry.ts";

/** A compositor inside the user's own, whose clients reach nothing outside it. */
export interface Nested extends AsyncDisposable {
  socket: string;
  /** Aborted when it has ended, by itself or because its window was closed. */
  ended: AbortSignal;
}

const READY_DEADLINE = 20_000;
const LOOK_AGAIN_AFTER = 50;
/** The name that cage, as every compositor of its family, gives its first socket in a directory. */
const NESTED_SOCKET = "wayland-0";

/** Whether cage is installed. */
export async function hasCage(environment: NodeJS.ProcessEnv): Promise<boolean> {
  const { failed } = await execa("cage", ["-v"], {
    env: environment,
    extendEnv: false,
    reject: false,
    stdio: "ignore",
  });
  return !failed;
}

/**
 * Starts cage in a window of the user's compositor.
 * It is given the connection itself and not the way to it: cage refuses to run as root, and another user may not come
 * near root's sockets.
 * @param directory empty, and the given user's
 * @throws PosternError `internal` when it does not come up; the signal's reason
 */
export async function openNested(
  display: string,
  directory: string,
  { uid, gid }: { uid: number; gid: number },
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Nested> {
  const connection = await connectDisplay(display);
  // The program that cage shows ends with this process: its input does.
  const child = spawn("cage", ["-d", "--", "cat"], {
    cwd: directory,
    env: cageEnvironment(environment),
    stdio: ["pipe", "ignore", "inherit", connection],
    ...(uid === process.getuid?.() ? {} : { uid, gid }),
  });
  // The compositor has nothing to say before it is asked: nothing was read here that cage would miss.
  connection.destroy();
  const ending = new AbortController();
  child.once("error", () => ending.abort());
  child.once("exit", () => ending.abort());
  child.stdin?.on("error", () => undefined);
  const { signal: ended } = ending;
  const end = async (): Promise<void> => {
    child.stdin?.end();
    child.kill();
    if (!ended.aborted) await once(ended, "abort");
  };
  const socket = `${directory}/${NESTED_SOCKET}`;
  try {
    await answering(socket, AbortSignal.any([ended, signal, AbortSignal.timeout(READY_DEADLINE)]));
    return { socket, ended, [Symbol.asyncDispose]: end };
  } catch {
    await end();
    signal.throwIfAborted();
    throw notUp();
  }
}

async function answering(path: string, limit: AbortSignal): Promise<void> {
  for (;;) {
    limit.throwIfAborted();
    const socket = await connectSocket(path).catch(() => undefined);
    if (socket !== undefined) return void socket.destroy();
    await wait(LOOK_AGAIN_AFTER, undefined, { signal: limit });
  }
}

/** Built from nothing, but for what says how a keyboard is laid out and how a pointer looks. */
function cageEnvironment(environment: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => /^(?:XKB_DEFAULT_|XCURSOR_|WLR_RENDERER)/.test(name));
  return {
    ...Object.fromEntries(kept.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]))),
    PATH: environment.PATH ?? "/usr/bin:/bin",
    // Its working directory, by a way that its user may go.
    XDG_RUNTIME_DIR: "/proc/self/cwd",
    // The descriptor that it was given.
    WAYLAND_SOCKET: "3",
    WLR_BACKENDS: "wayland",
    // It would start an X server for whoever asks.
    WLR_XWAYLAND: "/bin/false",
  };
}

function notUp(): PosternError {
  return new PosternError(
    "internal",
    "The nested compositor for the window, cage, did not start.",
    "See its messages in session.log, in ~/.local/state/postern; without a window: postern up --headless",
  );
}
