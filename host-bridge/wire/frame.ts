import { PosternError } from "#protocol/error.ts";

export type Endianness = "LE" | "BE";

/**
 * Puts frames together from whatever pieces arrive: a 4-byte length, then that many bytes.
 * Memory is only taken for bytes that came, never for a length that was announced.
 */
export interface FrameDecoder {
  /** Yields the frames that `piece` completes. @throws PosternError `bad_frame` when a length is 0 or over the limit */
  push(piece: Uint8Array): Iterable<Uint8Array>;
  /** Whether a frame has begun and is not whole. */
  isMidFrame(): boolean;
}

const HEADER_BYTES = 4;
/** Small pieces are joined now and then: each costs more than the byte it may hold. */
const MAX_PIECES = 64;

export function createFrameDecoder(limit: number, endianness: Endianness): FrameDecoder {
  let pieces: Uint8Array[] = [];
  let buffered = 0;

  function* push(piece: Uint8Array): Generator<Uint8Array> {
    if (piece.length === 0) return;
    pieces.push(piece);
    buffered += piece.length;
    if (pieces.length > MAX_PIECES) joinPieces();
    while (buffered >= HEADER_BYTES) {
      const length = peekLength();
      if (length === 0) throw new PosternError("bad_frame", "The frame is empty.");
      if (length > limit) throw new PosternError("bad_frame", `The frame is longer than ${limit} bytes.`);
      if (buffered < HEADER_BYTES + length) break;
      take(HEADER_BYTES);
      yield take(length);
    }
  }

  function peekLength(): number {
    const first = pieces[0];
    if (first === undefined || first.length < HEADER_BYTES) joinPieces();
    const [whole = new Uint8Array()] = pieces;
    const header = Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
    return endianness === "LE" ? header.readUInt32LE(0) : header.readUInt32BE(0);
  }

  function take(count: number): Uint8Array {
    if ((pieces[0]?.length ?? 0) < count) joinPieces();
    const whole = pieces[0] ?? new Uint8Array();
    const rest = whole.subarray(count);
    if (rest.length === 0) pieces.shift();
    else pieces[0] = rest;
    buffered -= count;
    return whole.subarray(0, count);
  }

  function joinPieces(): void {
    pieces = [Buffer.concat(pieces)];
  }

  return { push, isMidFrame: () => buffered > 0 };
}

/** One frame: length and content. */
export function encodeFrame(content: Uint8Array, endianness: Endianness): Uint8Array {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + content.length);
  if (endianness === "LE") frame.writeUInt32LE(content.length, 0);
  else frame.writeUInt32BE(content.length, 0);
  frame.set(content, HEADER_BYTES);
  return frame;
}
