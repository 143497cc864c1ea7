import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { requireGateName } from "../gate-name.ts";

/** What `up` was told to bring up: a gate, a page, both or neither. */
export interface Target {
  gate: string | undefined;
  page: string | undefined;
}

/**
 * Tells a gate's name from an address, by the `://` that the one never has and the other always does.
 * @param page of the option --page, which is the address by another name
 * @throws PosternError `bad_message`
 */
export function targetOf(words: string[], page: string | undefined): Target {
  const isAddress = (word: string): boolean => word.includes("://");
  const [gate, ...gates] = words.filter((word) => !isAddress(word));
  const addresses = [...words.filter(isAddress), ...(page === undefined ? [] : [page])];
  if (gates.length > 0 || addresses.length > 1) {
    const message = "up takes one gate and one address at the most.";
    throw new PosternError("bad_message", message, "For example: postern up work https://example.org/");
  }
  if (gate !== undefined) requireGateName(gate, "postern up work", "An address begins with https://. ");
  return { gate, page: addresses[0] === undefined ? undefined : addressOf(addresses[0]) };
}

/**
 * The socket of the user's Wayland compositor, or undefined where there is no Wayland (wl_display_connect(3)).
 * @throws PosternError `bad_message` when the environment names one and does not say where it is
 */
export function displayOf(environment: NodeJS.ProcessEnv): string | undefined {
  const { WAYLAND_DISPLAY = "", XDG_RUNTIME_DIR = "" } = environment;
  if (WAYLAND_DISPLAY === "") return undefined;
  if (WAYLAND_DISPLAY.startsWith("/")) return WAYLAND_DISPLAY;
  if (XDG_RUNTIME_DIR.startsWith("/")) return join(XDG_RUNTIME_DIR, WAYLAND_DISPLAY);
  throw new PosternError(
    "bad_message",
    `WAYLAND_DISPLAY is ${WAYLAND_DISPLAY}, and XDG_RUNTIME_DIR does not say in which directory.`,
    "Set XDG_RUNTIME_DIR (most often /run/user/UID); without a window: postern up --headless",
  );
}

/** The address as a browser writes it, so that nothing of it can be taken for anything else. */
function addressOf(page: string): string {
  if (URL.canParse(page)) {
    const { protocol, href } = new URL(page);
    if (/^https?:$/.test(protocol) && href.length <= MAX_ADDRESS) return href;
  }
  throw new PosternError(
    "bad_message",
    `${page} is no http or https address, or too long.`,
    "For example: postern up https://example.org/login",
  );
}

/** The order's own limit (control.schema.json). */
const MAX_ADDRESS = 2048;
