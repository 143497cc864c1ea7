import { readFileSync } from "node:fs";

interface FrameVector {
  name: string;
  /** The bytes on the wire. */
  wire: Buffer;
  /** The objects in the frames before one that is refused. */
  accepted: object[];
  /** The code of the refusal. */
  refused: string | undefined;
}

/** In the file, bytes are in hexadecimal; `*N` repeats the byte before it N times. */
interface Written {
  name: string;
  bytes: string;
  accepted?: object[];
  refused?: string;
}

const written: Written[] = JSON.parse(readFileSync(new URL("../vectors/frames.json", import.meta.url), "utf8"));

export const FRAME_VECTORS: FrameVector[] = written.map(({ name, bytes, accepted = [], refused }) => {
  const parts = bytes.split(" ").flatMap((part) => {
    const [hex = "", count = "1"] = part.split("*");
    return Array.from({ length: Number(count) }, () => Buffer.from(hex, "hex"));
  });
  return { name, wire: Buffer.concat(parts), accepted, refused };
});
