// What a container writes, taken from the engine.
//
// Whoever owns a browser may write as much and as fast as it can, to the output of any program in the container. Nothing
// of it goes to a disk: no container has a log. What is read here is read up to a limit, and then let go of: the engine
// throws the rest away, so that the browser does not hang on a full pipe and this process does nothing for it.

/** A piece of what was written, on standard output or standard error. */
interface Piece {
  isError: boolean;
  bytes: Uint8Array;
}

const HEADER_BYTES = 8;
const STDERR = 2;

/**
 * Takes the engine's frames apart (Docker Engine API, "ContainerAttach"): which stream, three bytes of nothing, a length
 * in four bytes, and that much of it. A long frame is passed on in pieces, as they come.
 * @returns what is to be called with everything that arrives
 */
export function createDemultiplexer(): (arrived: Uint8Array) => Iterable<Piece> {
  const header = Buffer.alloc(HEADER_BYTES);
  let filled = 0;
  let missing = 0;
  return function* (arrived) {
    let at = 0;
    while (at < arrived.length) {
      if (missing > 0) {
        const bytes = arrived.subarray(at, at + missing);
        at += bytes.length;
        missing -= bytes.length;
        yield { isError: header[0] === STDERR, bytes };
        continue;
      }
      const part = arrived.subarray(at, at + HEADER_BYTES - filled);
      header.set(part, filled);
      at += part.length;
      filled += part.length;
      if (filled < HEADER_BYTES) return;
      filled = 0;
      missing = header.readUInt32BE(HEADER_BYTES - 4);
    }
  };
}

interface Read {
  pieces: Piece[];
  /** Whether this is all, and not the beginning of it. */
  isWhole: boolean;
}

/** Reads to the end or, a little beyond `most` bytes, lets go. An engine that breaks off ends it as well. */
export async function readUpTo(most: number, stream: AsyncIterable<unknown>): Promise<Read> {
  const takeApart = createDemultiplexer();
  const pieces: Piece[] = [];
  let size = 0;
  try {
    for await (const arrived of stream) {
      if (!(arrived instanceof Uint8Array)) continue;
      pieces.push(...takeApart(arrived));
      size += arrived.length;
      // Leaving the loop destroys the stream.
      if (size > most) return { pieces, isWhole: false };
    }
  } catch {
    // What came before is all there is.
  }
  return { pieces, isWhole: true };
}

/** What the pieces say, all of them or those of one stream. */
export function textOf(pieces: readonly Piece[], isWanted: (piece: Piece) => boolean = () => true): string {
  return Buffer.concat(pieces.filter(isWanted).map(({ bytes }) => bytes)).toString("utf8");
}
