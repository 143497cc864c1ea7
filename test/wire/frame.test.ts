import assert from "node:assert/strict";
import fc from "fast-check";
import { parseJsonObject } from "#protocol/json.ts";
import { createFrameDecoder, encodeFrame } from "#wire/frame.ts";
import { PosternError } from "#protocol/error.ts";
import { FRAME_VECTORS } from "#test/harness/frame-vectors.ts";

describe("frames", () => {
  for (const { name, wire, accepted, refused } of FRAME_VECTORS) {
    it(`vector: ${name}`, () => {
      assert.deepEqual(read([wire]), { accepted, refused });
    });
    it(`vector, byte by byte: ${name}`, () => {
      assert.deepEqual(read(Array.from(wire, (byte) => Uint8Array.of(byte))), { accepted, refused });
    });
  }

  it("of exactly the limit are accepted", () => {
    const text = `{"a":"${"x".repeat(64 * 1024 - 8)}"}`;
    const { accepted, refused } = read([encodeFrame(Buffer.from(text), "LE")]);
    assert.equal(accepted.length, 1);
    assert.equal(refused, undefined);
  });

  it("come out as they went in, however they are cut", () => {
    const contents = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 8 });
    fc.assert(
      fc.property(
        contents,
        fc.array(fc.nat(40)),
        fc.constantFrom("LE" as const, "BE" as const),
        (frames, cuts, order) => {
          const wire = Buffer.concat(frames.map((frame) => encodeFrame(frame, order)));
          const decoder = createFrameDecoder(300, order);
          const out: Uint8Array[] = [];
          let at = 0;
          for (const cut of [...cuts, wire.length]) {
            out.push(...decoder.push(wire.subarray(at, at + cut)));
            at += cut;
          }
          assert.deepEqual(
            out.map((frame) => [...frame]),
            frames.map((frame) => [...frame]),
          );
          assert.equal(decoder.isMidFrame(), false);
        },
      ),
      { numRuns: 500 },
    );
  });
});

/** What a peer's bytes mean, up to the first that is refused. */
function read(pieces: Uint8Array[]): { accepted: object[]; refused: string | undefined } {
  const decoder = createFrameDecoder(64 * 1024, "LE");
  const accepted: object[] = [];
  try {
    for (const piece of pieces) for (const frame of decoder.push(piece)) accepted.push(parseJsonObject(frame));
    return { accepted, refused: undefined };
  } catch (error) {
    assert.ok(error instanceof PosternError);
    return { accepted, refused: error.code };
  }
}
