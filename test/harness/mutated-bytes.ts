import fc from "fast-check";
import { CHANGES, type Change, corpus, oneOf } from "./changes.ts";

/** Punctuation out of place, escapes, bytes that are not UTF-8, lengths: as text, or as bytes in hexadecimal. */
const PIECES = corpus<{ text?: string; bytes?: string }>("pieces").map(({ text, bytes = "" }) =>
  text === undefined ? Buffer.from(bytes, "hex") : Buffer.from(text),
);

/** One of the given byte strings, with up to four changes to it. */
export function mutatedBytes(bases: readonly Uint8Array[]): fc.Arbitrary<Buffer> {
  const base = fc.constantFrom(...bases);
  return fc.tuple(base, CHANGES).map(([bytes, changes]) => changes.reduce(changed, Buffer.from(bytes)));
}

function changed(bytes: Buffer, [kind, place, what]: Change): Buffer {
  const at = place % (bytes.length + 1);
  const before = bytes.subarray(0, at);
  const after = bytes.subarray(at);
  const piece = oneOf(PIECES, what) ?? before;
  switch (kind) {
    case 0:
      return Buffer.concat([before, piece, after]);
    case 1:
      return Buffer.concat([before, piece, after.subarray(piece.length)]);
    case 2:
      return Buffer.concat([before, after.subarray(what % 8)]);
    case 3:
      return Buffer.concat([before, Buffer.of(what % 256), after.subarray(1)]);
    case 4:
      return Buffer.concat([before, after.subarray(0, what % 16), after]);
    default:
      return before;
  }
}
