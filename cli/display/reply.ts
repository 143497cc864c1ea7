import { type Global, WL_DISPLAY, createEventDecoder, decodeGlobal, notWayland } from "./wire.ts";

/** A registry has a few thousand bytes; nobody is listened to without end. */
const LONGEST_REPLY = 256 * 1024;
const MOST_GLOBALS = 1000;
const ERROR = 0;
const GLOBAL = 0;

/**
 * Reads what a compositor says until it has done what it was asked for.
 * @param registry the registry's id
 * @param callback the id that wl_display.sync was given
 * @returns a function that takes the pieces of what it says, and gives the globals told so far once it is done
 * @throws PosternError `internal`, from that function, when it refuses a request, is no compositor, or says too much
 */
export function createReplyReader(registry: number, callback: number): (piece: Buffer) => Global[] | undefined {
  const decode = createEventDecoder();
  const globals: Global[] = [];
  let left = LONGEST_REPLY;
  return (piece) => {
    left -= piece.length;
    if (left < 0) throw notWayland();
    for (const { object, opcode, body } of decode(piece)) {
      if (object === WL_DISPLAY && opcode === ERROR) throw notWayland();
      if (object === callback) return globals;
      if (object === registry && opcode === GLOBAL) globals.push(decodeGlobal(body));
      if (globals.length > MOST_GLOBALS) throw notWayland();
    }
    return undefined;
  };
}
