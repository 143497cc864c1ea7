/** PulseAudio's native protocol in frames: a header of five 32-bit numbers, then as many bytes as the first says. */
export interface SoundFrame {
  /** Of the stream whose sound this is; CONTROL for a command or its reply. */
  channel: number;
  flags: number;
  payload: Buffer;
  /** The frame as it came, header and all. */
  bytes: Buffer;
}

interface Longest {
  control: number;
  sound: number;
}

/** The channel of commands, and every other "none" of the protocol. */
export const CONTROL = 0xffff_ffff;
const HEADER_BYTES = 20;
const MOST_LOOSE = 64;

/**
 * Puts frames together from whatever pieces arrive, of which no more is kept than one frame may have.
 * @param longest the most bytes of a payload: of a command or a reply, and of sound
 * @returns yields the frames that a piece completes; throws RangeError on one that is empty or too long
 */
export function createSoundDecoder(longest: Longest): (piece: Buffer) => Iterable<SoundFrame> {
  let rest: Buffer[] = [];
  let buffered = 0;
  let loose = 0;
  let wanted = HEADER_BYTES;

  return function* push(piece) {
    rest.push(piece);
    buffered += piece.length;
    // Each piece takes more room than a byte: those that come one by one are joined some at a time.
    loose += 1;
    if (loose === MOST_LOOSE) {
      rest = [...rest.slice(0, -loose), Buffer.concat(rest.slice(-loose))];
      loose = 0;
    }
    while (buffered >= wanted) {
      const [first = piece] = rest;
      const whole = rest.length === 1 ? first : Buffer.concat(rest);
      [rest, loose] = [[whole], 0];
      const length = whole.readUInt32BE(0);
      const limit = whole.readUInt32BE(4) === CONTROL ? longest.control : longest.sound;
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
