import assert from "node:assert/strict";
import fc from "fast-check";
import { createPacketDecoder, encodePacket } from "#container/marionette-packets.ts";

describe("Marionette's packets", () => {
  it("come out as they went in, however they are cut", () => {
    const packets = fc.array(fc.jsonValue(), { maxLength: 5 });
    fc.assert(
      fc.property(packets, fc.array(fc.nat({ max: 40 })), (values, sizes) => {
        const bytes = Buffer.concat(values.map(encodePacket));
        const decode = createPacketDecoder();
        const found: unknown[] = [];
        let at = 0;
        for (const size of sizes) {
          found.push(...decode(bytes.subarray(at, at + size)));
          at += size;
        }
        found.push(...decode(bytes.subarray(at)));
        assert.deepEqual(
          found,
          values.map((value) => JSON.parse(JSON.stringify(value))),
        );
      }),
    );
  });

  for (const text of ["HTTP/1.1 400 Bad Request\r\n", "-1:x", "12345678901", "999999999:"]) {
    it(`are not ${JSON.stringify(text)}`, () => {
      assert.throws(() => [...createPacketDecoder()(Buffer.from(text))]);
    });
  }
});
