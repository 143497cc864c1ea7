import assert from "node:assert/strict";
import { CONTROL, controlFrame, createSoundDecoder } from "#relays/sound/frame.ts";
import { propertiesValue, readValues } from "#relays/sound/values.ts";

/** SUBSCRIBE with tag 3 for changes of sinks, as it goes over the socket. */
const SUBSCRIBE = Buffer.from(
  "0000000f ffffffff 00000000 00000000 00000000 4c00000023 4c00000003 4c00000001".replaceAll(" ", ""),
  "hex",
);

describe("frames of the sound server's protocol", () => {
  for (const size of [1, 7, 19, 20, 21, 35, 70, 1000]) {
    it(`are put together from pieces of ${size} bytes`, () => {
      const decode = createSoundDecoder({ control: 100, sound: 100 });
      const bytes = Buffer.concat([SUBSCRIBE, SUBSCRIBE, SUBSCRIBE]);
      const found = [];
      for (let at = 0; at < bytes.length; at += size) found.push(...decode(bytes.subarray(at, at + size)));
      assert.equal(found.length, 3);
      for (const frame of found) {
        assert.deepEqual([frame.channel, frame.flags], [CONTROL, 0]);
        assert.deepEqual(frame.bytes, SUBSCRIBE);
        assert.deepEqual(controlFrame(frame.payload), SUBSCRIBE);
      }
    });
  }

  for (const length of [0, 101, 0x8000_0000, 0xffff_ffff]) {
    it(`of ${length} bytes are refused before they come`, () => {
      const header = Buffer.alloc(20);
      header.writeUInt32BE(length);
      assert.throws(() => [...createSoundDecoder({ control: 100, sound: 100 })(header)], RangeError);
    });
  }
});

describe("frames of a browser", () => {
  it("may be longer with sound than with a command", () => {
    const header = (length: number, channel: number): Buffer => {
      const bytes = Buffer.alloc(20);
      bytes.writeUInt32BE(length);
      bytes.writeUInt32BE(channel, 4);
      return bytes;
    };
    const decode = (bytes: Buffer) => [...createSoundDecoder({ control: 100, sound: 1_000 })(bytes)];
    assert.deepEqual(decode(header(1_000, 4)), []);
    assert.throws(() => decode(header(101, CONTROL)), RangeError);
  });
});

describe("values of the sound server's protocol", () => {
  const SOUND: [hex: string, types: string][] = [
    ["4c00000001", "L"],
    ["746100", "s"],
    ["4e", "s"],
    ["31", "b"],
    ["30", "b"],
    ["4205", "B"],
    ["520000000000000001", "R"],
    ["5500000000000000014c00000002", "UL"],
    ["54000000010000000230", "Tb"],
    ["6103020000ac44", "a"],
    ["6d020102", "m"],
    ["76020001000000010000", "v"],
    ["5600010000", "V"],
    ["7800000002aabb", "x"],
    ["504e", "P"],
    ["50746100 4c00000002 78000000026200 4e".replaceAll(" ", ""), "P"],
    ["664201504e", "fBP"],
  ];
  for (const [hex, types] of SOUND) {
    it(`are ${types} in ${hex}, and refused when one is cut short`, () => {
      const bytes = Buffer.from(hex, "hex");
      const values = readValues(bytes, 10);
      assert.equal(values.map(({ type }) => type).join(""), types);
      assert.deepEqual(Buffer.concat(values.map((value) => value.bytes)), bytes);
      const ends = values.map((_, at) => Buffer.concat(values.slice(0, at + 1).map((value) => value.bytes)).length);
      for (let end = 1; end < bytes.length; end += 1) {
        const read = (): number => readValues(bytes.subarray(0, end), 10).length;
        if (ends.includes(end)) assert.equal(read(), ends.indexOf(end) + 1);
        else assert.throws(read, RangeError);
      }
    });
  }

  for (const hex of [
    "00",
    "4d",
    "7a00",
    "78ffffffff",
    "5074610031",
    "5074610078000000016162",
    "50746100 4c00000003 78000000026200 4e",
  ]) {
    it(`are refused in ${hex}`, () => {
      assert.throws(() => readValues(Buffer.from(hex.replaceAll(" ", ""), "hex"), 10), RangeError);
    });
  }

  it("are no more than may be, those of properties counted", () => {
    const bits = (count: number): Buffer => Buffer.alloc(count, "1");
    const list = (count: number): Buffer =>
      propertiesValue(Array.from({ length: count }, () => ["a", bits(1)] as const));
    assert.equal(readValues(bits(10), 10).length, 10);
    assert.equal(readValues(list(3), 10).length, 1);
    for (const bytes of [bits(11), list(4), Buffer.concat([list(3), bits(1)])])
      assert.throws(() => readValues(bytes, 10), RangeError);
  });

  it("are made as they are read", () => {
    const made = propertiesValue([["media.name", Buffer.from("a tone\0")]]);
    const [value] = readValues(made, 10);
    assert.deepEqual(value?.properties, [["media.name", Buffer.from("a tone\0")]]);
    assert.deepEqual(value?.bytes, made);
  });
});
