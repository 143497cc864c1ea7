import { PosternError } from "#protocol/error.ts";

export interface Packet {
  tag: number;
  /** Put together, where it came in parts. */
  body: Uint8Array;
  /** False when it came in parts, or without a length. */
  isWhole: boolean;
  /** Where the next one begins. */
  end: number;
}

interface Extent {
  /** Where each part begins and ends. */
  parts: [start: number, end: number][];
  end: number;
  isWhole: boolean;
}

/**
 * The packet that begins at `at` (RFC 9580 section 4.2).
 * @throws PosternError `entry_invalid` when it does not lie within the message
 */
export function readPacket(message: Uint8Array, at: number): Packet {
  const header = byteAt(message, at);
  if ((header & 0x80) === 0) throw invalidMessage("is not an OpenPGP message");
  const isNew = (header & 0x40) !== 0;
  const tag = isNew ? header & 0x3f : (header >> 2) & 0x0f;
  const { parts, end, isWhole } = isNew ? newExtent(message, at + 1) : oldExtent(message, at + 1, header & 0x03);
  if (end > message.length) throw cutShort();
  const pieces = parts.map(([from, to]) => message.subarray(from, to));
  return { tag, body: Buffer.concat(pieces), isWhole, end };
}

function oldExtent(message: Uint8Array, at: number, type: number): Extent {
  if (type === 3) return { ...whole(at, message.length - at), isWhole: false };
  const size = 1 << type;
  return whole(at + size, numberAt(message, at, size));
}

function newExtent(message: Uint8Array, at: number): Extent {
  const first = byteAt(message, at);
  if (first < 192) return whole(at + 1, first);
  if (first < 224) return whole(at + 2, ((first - 192) << 8) + byteAt(message, at + 1) + 192);
  if (first === 255) return whole(at + 5, numberAt(message, at + 1, 4));
  const parts: Extent["parts"] = [];
  let last = at;
  while (byteAt(message, last) >= 224 && byteAt(message, last) < 255) {
    const start = last + 1;
    last = start + 2 ** (byteAt(message, last) & 0x1f);
    parts.push([start, last]);
  }
  const rest = newExtent(message, last);
  return { parts: [...parts, ...rest.parts], end: rest.end, isWhole: false };
}

function whole(start: number, length: number): Extent {
  return { parts: [[start, start + length]], end: start + length, isWhole: true };
}

function numberAt(bytes: Uint8Array, at: number, size: number): number {
  let number = 0;
  for (let offset = 0; offset < size; offset++) number = number * 256 + byteAt(bytes, at + offset);
  return number;
}

export function byteAt(bytes: Uint8Array, at: number): number {
  const byte = bytes[at];
  if (byte === undefined) throw cutShort();
  return byte;
}

function cutShort(): PosternError {
  return invalidMessage("is cut short");
}

export function invalidMessage(what: string): PosternError {
  return new PosternError("entry_invalid", `The entry's file ${what}.`, "Look at it with: gpg --list-packets");
}
