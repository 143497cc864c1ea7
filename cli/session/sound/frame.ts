/** PulseAudio's native protocol in frames: a header of five 32-bit numbers, then as many bytes as the first says. */
export interface SoundFrame {
  /** Of the stream whose sound this is; CONTROL for a command or its reply. */
  channel: number;
  flags: number;
  payload: Buffer;
  /** The frame as it came, header and all. */
  bytes: Buffer;
}

/** The channel of commands, and every other "none" of the protocol. */
export const CONTROL = 0xffff_ffff;
const HEADER_BYTES = 20;

/**
 * Puts frames together from whatever pieces arrive, of which no more is kept than one frame may have.
 * @param limit the longest payload
 * @returns yields the frames that a piece completes; throws RangeError on one that is empty or too long
 */
export function createSoundDecoder(limit: number): (piece: Buffer) => Iterable<SoundFrame> {
  let rest: Buffer[] = [];
  let buffered = 0;
  let wanted = HEADER_BYTES;

  return function* push(piece) {
    rest.push(piece);
    buffered += piece.length;
    while (buffered >= wanted) {
      const [first = piece] = rest;
      const whole = rest.length === 1 ? first : Buffer.concat(rest);
      rest = [whole];
      const length = whole.readUInt32BE(0);
      if (length === 0 || length > limit) throw new RangeError(`a frame of ${length} bytes`);
      wanted = HEADER_BYTES + length;
      if (buffered < wanted) return;
      const bytes = whole.subarray(0, wanted);
      rest = [whole.subarray(wanted)];
      buffered -= wanted;
      wanted = HEADER_BYTES;
      const [channel, flags] = [bytes.readUInt32BE(4), bytes.readUInt32BE(16)];
      yield { channel, flags, payload: bytes.subarray(HEADER_BYTES), bytes };
    }
  };
}

/** A command or reply as a frame. */
export function controlFrame(payload: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(payload.length, 0);
  header.writeUInt32BE(CONTROL, 4);
  return Buffer.concat([header, payload]);
}
