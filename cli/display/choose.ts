import { stat } from "node:fs/promises";
import { PosternError } from "#protocol/error.ts";
import { type World, browserUser } from "../session/world.ts";
import { isAccepted } from "./accepted.ts";
import { dangerousAmong } from "./dangerous.ts";
import { hasCage } from "./nested.ts";
import { readGlobals } from "./registry.ts";
import { SECURITY_CONTEXT } from "./security-context.ts";

// Which Wayland socket the browser is given.
//
// The browser is taken for hostile, and the prompts that ask for consent are drawn by the same compositor as its window.
// A client that may press keys, move the pointer, see the screen or read the clipboard of others could press Allow. So
// the browser never gets a socket with which it could, unless the user has said that they accept that. In this order:
//
//   context   the compositor knows security contexts: a socket of its own, if it really offers nothing privileged there
//             (KWin keeps some of it, layers and the clipboard: there it goes on with cage)
//   plain     the compositor offers nothing of the kind to anybody: its own socket
//   nested    cage, a compositor in a window of the user's: a socket whose clients reach nothing outside that window.
//             The clipboard is not shared with it, and its keyboard layout is XKB_DEFAULT_LAYOUT's.
//   unsafe    its own socket, or the one of a context that keeps too much, after the user accepted what it offers, once
//             for the gate
//
// What is offered is read from the registry; of a context from the socket that was made, before the browser starts. The
// socket alone is mounted, read-only, never the directory that the user's other sockets lie in. X11 is never used: there
// every client presses keys in every other.
//
// It does not protect from a compositor that deals with a sandboxed client otherwise than its registry says, nor from
// one whose dangerous interfaces nobody has named yet (dangerous.ts).

export type DisplayKind = "context" | "plain" | "nested" | "unsafe";

export interface DisplayPlan {
  kind: DisplayKind;
  /** What the compositor's own socket offers that is dangerous. */
  offered: string[];
}

export interface DisplayWish {
  /** The socket of the user's compositor. */
  display: string;
  gate: string;
  /** Accept a socket that the browser can press Allow with, and remember it. */
  acceptUnsafe: boolean;
}

export type Place = Pick<World, "environment" | "places" | "uid" | "gid">;

/** @throws PosternError `internal` when there is no socket that is safe or accepted, or no compositor */
export async function planDisplay(place: Place, wish: DisplayWish, signal: AbortSignal): Promise<DisplayPlan> {
  const globals = await readGlobals(wish.display, signal);
  const offered = dangerousAmong(globals);
  if (globals.some((global) => global.interface === SECURITY_CONTEXT)) return { kind: "context", offered };
  const kind = offered.length === 0 ? "plain" : await kindWithout(place, wish, offered);
  if (kind !== "nested") await requireOpenTo(wish.display, browserUser(place));
  return { kind, offered };
}

/** What is left where a socket offers something dangerous. @throws PosternError `internal` when nothing is */
export async function kindWithout(
  { environment, places }: Place,
  { gate, acceptUnsafe }: DisplayWish,
  offered: string[],
): Promise<"nested" | "unsafe"> {
  if (await hasCage(environment)) return "nested";
  if (acceptUnsafe || (await isAccepted(places.state, gate, offered))) return "unsafe";
  throw unsafe(gate, offered);
}

/** Root's browser runs as another user, who has to be let in by the socket's own mode. */
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

function unsafe(gate: string, offered: string[]): PosternError {
  return new PosternError(
    "internal",
    `On this compositor the browser could answer the prompts in your place (it offers ${offered.join(", ")}).`,
    `Install cage, and try again: apt-get install cage. Or accept that, once for this gate: postern up ${gate} --accept-unsafe-display. Without a window: postern up ${gate} --headless`,
  );
}
