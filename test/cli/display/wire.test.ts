import assert from "node:assert/strict";
import { createEventDecoder, decodeGlobal, encodeRequest } from "#cli/display/wire.ts";

/** wl_registry.global of object 2: number 5, "wl_shm", version 1. */
const GLOBAL = bytes("02000000 00001c00 05000000 07000000 776c5f73686d0000 01000000");

describe("Wayland's wire format", () => {
  it("writes numbers and texts padded to words, with the length in the header", () => {
    assert.deepEqual(encodeRequest(1, 1, 2), bytes("01000000 01000c00 02000000"));
    const bind = encodeRequest(2, 0, 7, "abcd", 1, 4);
    const text = "05000000 61626364 00000000";
    assert.deepEqual(bind, bytes(`02000000 00002000 07000000 ${text} 01000000 04000000`));
  });

  it("reads events however the stream is cut", () => {
    const stream = Buffer.concat([GLOBAL, GLOBAL]);
    for (let at = 1; at < stream.length; at += 1) {
      const decode = createEventDecoder();
      const events = [...decode(stream.subarray(0, at)), ...decode(stream.subarray(at))];
      assert.deepEqual(
        events.map(({ object, opcode, body }) => [object, opcode, decodeGlobal(body)]),
        Array.from({ length: 2 }, () => [2, 0, { name: 5, interface: "wl_shm", version: 1 }]),
      );
    }
  });

  it("refuses a length below the header's own, and a global that is cut off", () => {
    assert.throws(() => [...createEventDecoder()(Buffer.from("0200000000000400", "hex"))], { code: "internal" });
    for (let end = 8; end < GLOBAL.length; end += 4)
      assert.throws(() => decodeGlobal(GLOBAL.subarray(8, end)), { code: "internal" });
  });
});

function bytes(words: string): Buffer {
  return Buffer.from(words.replaceAll(" ", ""), "hex");
}
