import { PosternError } from "#protocol/error.ts";

// Wayland's wire format, as far as the registry and a security context need it: 32-bit words in the machine's own byte
// order, which is little-endian on both architectures that Postern runs on (wayland.freedesktop.org, "Wire Format").

/** The one object that every connection begins with. */
export const WL_DISPLAY = 1;

const HEADER_BYTES = 8;
const INTERFACE = /^[a-z_]\w{0,127}$/i;

/** What a compositor offers: an interface, by the number that it is bound with. */
export interface Global {
  name: number;
  interface: string;
  version: number;
}

export interface WaylandEvent {
  object: number;
  opcode: number;
  body: Buffer;
}

/** A request; numbers are integers and object ids, descriptors travel beside it. */
export function encodeRequest(object: number, opcode: number, ...values: (number | string)[]): Buffer {
  const body = Buffer.concat(values.map((value) => (typeof value === "number" ? word(value) : text(value))));
  return Buffer.concat([word(object), word(((HEADER_BYTES + body.length) << 16) | opcode), body]);
}

/**
 * What is not complete is kept, at most one event; each byte is copied twice at most, however small the pieces are.
 * @returns a function that takes the pieces of a stream and gives the events that they complete, one after the other
 */
export function createEventDecoder(): (piece: Buffer) => Generator<WaylandEvent> {
  let pieces: Buffer[] = [];
  let held = 0;
  let needed = HEADER_BYTES;
  return function* (piece) {
    pieces.push(piece);
    held += piece.length;
    if (held < needed) return;
    let open = Buffer.concat(pieces);
    for (;;) {
      needed = sizeOf(open);
      if (open.length < needed) break;
      yield {
        object: open.readUInt32LE(0),
        opcode: open.readUInt16LE(4),
        body: open.subarray(HEADER_BYTES, needed),
      };
      open = open.subarray(needed);
    }
    pieces = [open];
    held = open.length;
  };
}

/** Of the event that begins there, or of its header while that is not complete. */
function sizeOf(open: Buffer): number {
  if (open.length < HEADER_BYTES) return HEADER_BYTES;
  const size = open.readUInt16LE(6);
  if (size < HEADER_BYTES) throw notWayland();
  return size;
}

/** The arguments of wl_registry.global: exactly these, with a name as C has them. */
export function decodeGlobal(body: Buffer): Global {
  const length = body.length < 12 ? 0 : body.readUInt32LE(4);
  const name = body.toString("latin1", 8, 8 + length - 1);
  const isWhole = length > 0 && length <= body.length && body.length === 12 + padded(length);
  if (!isWhole || !INTERFACE.test(name) || body[8 + length - 1] !== 0) throw notWayland();
  return { name: body.readUInt32LE(0), interface: name, version: body.readUInt32LE(body.length - 4) };
}

export function notWayland(): PosternError {
  return new PosternError(
    "internal",
    "What listens at the Wayland display does not speak Wayland.",
    "See what WAYLAND_DISPLAY names; without a window: postern up --headless",
  );
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
}

function text(value: string): Buffer {
  const length = Buffer.byteLength(value) + 1;
  const bytes = Buffer.alloc(4 + padded(length));
  bytes.writeUInt32LE(length);
  bytes.write(value, 4);
  return bytes;
}

function padded(length: number): number {
  return (length + 3) & ~3;
}
