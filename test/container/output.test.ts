import assert from "node:assert/strict";
import { Readable } from "node:stream";
import fc from "fast-check";
import { createDemultiplexer, readUpTo, textOf } from "#container/output.ts";

function frame(stream: number, text: string): Buffer {
  const content = Buffer.from(text);
  const header = Buffer.from([stream, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(content.length, 4);
  return Buffer.concat([header, content]);
}

describe("what a container writes", () => {
  it("is taken apart by stream, wherever it was cut", () => {
    const written = fc.array(fc.tuple(fc.constantFrom(1, 2), fc.string({ unit: "grapheme" })));
    fc.assert(
      fc.property(written, fc.array(fc.nat(40)), (frames, cuts) => {
        const takeApart = createDemultiplexer();
        let rest = Buffer.concat(frames.map(([stream, text]) => frame(stream, text)));
        const pieces = [...cuts, rest.length].flatMap((cut) => {
          const arrived = rest.subarray(0, cut);
          rest = rest.subarray(cut);
          return [...takeApart(arrived)];
        });
        const of = (wanted: number): string => frames.map(([stream, text]) => (stream === wanted ? text : "")).join("");
        assert.equal(
          textOf(pieces, ({ isError }) => !isError),
          of(1),
        );
        assert.equal(
          textOf(pieces, ({ isError }) => isError),
          of(2),
        );
      }),
    );
  });

  it("is read up to a limit, and then let go of", async () => {
    let asked = 0;
    const flood = new Readable({
      read() {
        asked += 1;
        this.push(frame(1, "x".repeat(1000)));
      },
    });
    const { pieces, isWhole } = await readUpTo(5000, flood);
    assert.equal(isWhole, false);
    assert.equal(textOf(pieces), "x".repeat(5000));
    assert.ok(flood.destroyed);
    assert.ok(asked < 100, String(asked));
  });

  it("is whole when it ends or breaks off before", async () => {
    async function* broken(): AsyncGenerator<Buffer> {
      yield frame(2, "why");
      throw new Error("reset");
    }
    for (const stream of [Readable.from([frame(2, "why")]), broken()]) {
      const { pieces, isWhole } = await readUpTo(5000, stream);
      assert.deepEqual([textOf(pieces), isWhole], ["why", true]);
    }
  });
});
