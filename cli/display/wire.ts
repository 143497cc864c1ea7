import { PosternError } from "#protocol/error.ts";

// Wayland's wire format, as far as the registry and a security context need it: 32-bit words in the machine's own byte
// order, which is little-endian on both architectures that Postern runs on (wayland.freedesktop.org, "Wire Format").

/** The one object that every connection begins with. */
export const WL_DISPLAY = 1;

const HEADER_BYTES = 8;

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

/** @returns a function that takes the pieces of a stream and gives the events that they complete */
export function createEventDecoder(): (piece: Buffer) => WaylandEvent[] {
  let open: Buffer = Buffer.alloc(0);
  return (piece) => {
    open = Buffer.concat([open, piece]);
    const events: WaylandEvent[] = [];
    while (open.length >= HEADER_BYTES) {
      const size = open.readUInt16LE(6);
      if (size < HEADER_BYTES) throw notWayland();
      if (open.length < size) break;
      events.push({
        object: open.readUInt32LE(0),
        opcode: open.readUInt16LE(4),
        body: open.subarray(HEADER_BYTES, size),
      });
      open = open.subarray(size);
    }
    return events;
  };
}

/** The arguments of wl_registry.global. */
export function decodeGlobal(body: Buffer): Global {
  try {
    const length = body.readUInt32LE(4);
    const name = body.subarray(8, 8 + length - 1).toString("latin1");
    return { name: body.readUInt32LE(0), interface: name, version: body.readUInt32LE(8 + padded(length)) };
  } catch {
    throw notWayland();
  }
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
