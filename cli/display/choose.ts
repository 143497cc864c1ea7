import { stat } from "node:fs/promises";
import { PosternError } from "#protocol/error.ts";
import { type World, browserUser } from "../session/world.ts";
import { unknownAmong } from "./harmless.ts";
import { readGlobals } from "./registry.ts";
import { SECURITY_CONTEXT } from "./security-context.ts";

// Which Wayland socket the browser is given.
//
// The browser is taken for hostile, and the prompts that ask for consent are drawn by the same compositor as its window.
// A client that may press keys, move the pointer, see the screen or read the clipboard of others could press Allow. So
// the browser never gets a socket that offers anything but what is known to be harmless (harmless.ts). In this order:
//
//   context   the compositor knows security contexts: a socket of its own, if nothing unknown is offered there (KWin
//             keeps some of it, layers and the clipboard: there it goes on with cage)
//   plain     the compositor offers nothing unknown to anybody: its own socket
//   nested    cage, a compositor in a window of the user's: a socket whose clients reach nothing outside that window.
//             Cage reads what the browser sends, so it is shut into a container (container/nested-spec.ts), and into a
//             security context where there is one. The clipboard is not shared with it, and its keyboard layout is
//             XKB_DEFAULT_LAYOUT's.
//
// What is offered is read from the registry; of a context from the socket that was made, before the browser starts. The
// socket alone is mounted, read-only, never the directory that the user's other sockets lie in. X11 is never used: there
// every client presses keys in every other.
//
// It does not protect from a compositor that lets a client do more than an interface's specification says, or that
// offers something later on: a registry grows, and is read before the browser starts. With cage the compositor is not
// reached by the browser, and by cage only once the browser has broken it.

export type DisplayKind = "context" | "plain" | "nested";

export interface DisplayPlan {
  kind: DisplayKind;
  /** What the compositor's own socket offers that is not known to be harmless. */
  unknown: string[];
}

export type Place = Pick<World, "environment" | "places" | "uid" | "gid">;

/**
 * @param display the socket of the user's compositor
 * @throws PosternError `internal` when there is no compositor, or the browser's user may not come to it
 */
export async function planDisplay(place: Place, display: string, signal: AbortSignal): Promise<DisplayPlan> {
  const globals = await readGlobals(display, signal);
  const unknown = unknownAmong(globals);
  if (globals.some((global) => global.interface === SECURITY_CONTEXT)) return { kind: "context", unknown };
  await requireOpenTo(display, browserUser(place));
  return { kind: unknown.length === 0 ? "plain" : "nested", unknown };
}

/** Root's browser, and the compositor around it, run as another user, who has to be let in by the socket's own mode. */
async function requireOpenTo(socket: string, { uid, gid }: { uid: number; gid: number }): Promise<void> {
  const found = await stat(socket);
  const shift = found.uid === uid ? 6 : found.gid === gid ? 3 : 0;
  if (((found.mode >> shift) & 0o2) !== 0) return;
  throw new PosternError(
    "internal",
    `The browser's user, ${uid}, may not connect to ${socket}.`,
    `Run postern as yourself and not as root; or let it in: chmod o+w ${socket}`,
  );
}
