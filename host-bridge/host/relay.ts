import type { Readable, Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Endianness, createFrameDecoder, encodeFrame } from "#wire/frame.ts";

interface Direction {
  from: Readable;
  to: Writable;
  /** Longest content of a frame, in bytes. */
  limit: number;
  inOrder: Endianness;
  outOrder: Endianness;
}

/**
 * Carries whole frames from one side to the other until the first side ends, opening none of them.
 * @throws PosternError `bad_frame` for a length that may not be
 */
export async function relayFrames({ from, to, limit, inOrder, outOrder }: Direction): Promise<void> {
  const decoder = createFrameDecoder(limit, inOrder);
  await pipeline(
    from,
    async function* (pieces: AsyncIterable<Uint8Array>) {
      for await (const piece of pieces) {
        for (const frame of decoder.push(piece)) yield encodeFrame(frame, outOrder);
      }
    },
    to,
    { end: false },
  );
}
