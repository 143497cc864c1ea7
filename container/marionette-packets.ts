/** A page's screenshot is the longest that is expected. */
const MAX_PACKET_BYTES = 64 * 1024 * 1024;

/**
 * Takes Marionette's packets apart: a decimal length, a colon, and that many bytes of JSON (Firefox source,
 * remote/marionette/packets.sys.mjs).
 * @returns what is to be called with every piece that arrives; it yields the values that the piece completes
 * @throws Error when it is not Marionette that speaks
 */
export function createPacketDecoder(): (piece: Uint8Array) => Iterable<unknown> {
  let buffered = Buffer.alloc(0);
  let pieces: Uint8Array[] = [];
  let missing = 0;

  return function* (piece) {
    pieces.push(piece);
    missing -= piece.length;
    // A long packet comes in many pieces, and is put together once.
    if (missing > 0) return;
    buffered = Buffer.concat([buffered, ...pieces]);
    pieces = [];
    missing = 0;
    for (;;) {
      const colon = buffered.indexOf(":");
      const digits = buffered.subarray(0, colon === -1 ? 10 : colon).toString("latin1");
      const length = Number(digits);
      if (!/^\d{0,9}$/.test(digits) || length > MAX_PACKET_BYTES) throw new Error("This is not Marionette.");
      if (colon === -1) return;
      const end = colon + 1 + length;
      missing = Math.max(0, end - buffered.length);
      if (missing > 0) return;
      const content = buffered.subarray(colon + 1, end).toString("utf8");
      buffered = buffered.subarray(end);
      yield JSON.parse(content);
    }
  };
}

export function encodePacket(value: unknown): Buffer {
  const content = Buffer.from(JSON.stringify(value));
  return Buffer.concat([Buffer.from(`${content.length}:`), content]);
}
