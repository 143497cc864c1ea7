import type { Readable, Writable } from "node:stream";
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
 * Carries whole frames from one side to the other until the first side ends, opening none of them. By events: a pipeline
 * takes a tenth of the time of a look-up.
 * @throws PosternError `bad_frame` for a length that may not be; Error when a side goes away
 */
export function relayFrames({ from, to, limit, inOrder, outOrder }: Direction): Promise<void> {
  const decoder = createFrameDecoder(limit, inOrder);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const fail = (error?: unknown): void => {
    from.pause();
    reject(error instanceof Error ? error : new Error("a side has gone away"));
  };
  from.on("data", (piece: Uint8Array) => {
    try {
      for (const frame of decoder.push(piece)) if (!to.write(encodeFrame(frame, outOrder))) from.pause();
    } catch (error) {
      fail(error);
    }
  });
  to.on("drain", () => from.resume());
  from.once("end", resolve);
  for (const side of [from, to]) side.once("error", fail).once("close", fail);
  return promise;
}
