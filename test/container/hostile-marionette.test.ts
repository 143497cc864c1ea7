import assert from "node:assert/strict";
import fc from "fast-check";
import { createPacketDecoder, encodePacket } from "#container/marionette-packets.ts";
import { mutatedBytes } from "#test/harness/mutated-bytes.ts";

/** What failed is told with its seed and path: given to `fc.assert` beside the number, it fails again. */
const CONVERSATIONS = 100_000;
const packets = [
  { applicationType: "gecko", marionetteProtocol: 3 },
  [1, 1, null, { value: "x" }],
  [1, 2, { error: "no such element", message: "…", stacktrace: "" }, null],
].map(encodePacket);
const bases = [
  ...packets,
  Buffer.concat(packets),
  Buffer.from("0:"),
  Buffer.from("999999999:"),
  Buffer.from("1".repeat(40)),
];

describe("what a browser says to its remote control", function () {
  this.timeout(600_000);

  it("a hundred thousand conversations, cut anywhere: what is read is what is read of them whole, or it is no more listened to", () => {
    const seen = new Set<string>();
    const property = fc.property(mutatedBytes(bases), fc.array(fc.nat(12), { maxLength: 8 }), (bytes, lengths) => {
      const whole = readAll([bytes]);
      let rest = bytes;
      const pieces = lengths.map((length) => {
        const piece = rest.subarray(0, length);
        rest = rest.subarray(length);
        return piece;
      });
      assert.deepEqual(readAll([...pieces, rest]), whole);
      seen.add(whole.at(-1) === "refused" ? "refused" : `${Math.min(whole.length, 2)} read`);
    });
    fc.assert(property, { numRuns: CONVERSATIONS });
    assert.deepEqual([...seen].toSorted(), ["0 read", "1 read", "2 read", "refused"]);
  });

  it("a length without an end, and one that is too long, are refused before what they announce", () => {
    for (const bytes of ["1".repeat(11), "99999999999", "67108865:"])
      assert.deepEqual(readAll([Buffer.from(bytes)]), ["refused"], bytes);
  });
});

function readAll(pieces: readonly Uint8Array[]): unknown[] {
  const decode = createPacketDecoder();
  const values: unknown[] = [];
  try {
    for (const piece of pieces) for (const value of decode(piece)) values.push(value);
  } catch (error) {
    assert.ok(error instanceof Error);
    values.push("refused");
  }
  return values;
}
