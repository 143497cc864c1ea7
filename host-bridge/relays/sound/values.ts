/** One value of a command, with its type's letter (PulseAudio, src/pulsecore/tagstruct.h). */
export interface SoundValue {
  /** The letter; `b` for either truth value, `s` for a text and for none. */
  type: string;
  /** As it came, letter and all. */
  bytes: Buffer;
  /** Of a 32-bit number. */
  number?: number;
  /** Of a property list: texts by name, without the NUL that ends each. */
  properties?: [name: string, value: Buffer][];
}

/** Letters of types, and how many bytes each takes; a function looks at what follows the letter. */
const SIZES: Record<string, number | ((rest: Buffer) => number)> = {
  L: 4,
  B: 1,
  R: 8,
  r: 8,
  U: 8,
  T: 8,
  V: 4,
  a: 6,
  "0": 0,
  "1": 0,
  N: 0,
  t: (rest) => rest.indexOf(0) + 1 || Number.NaN,
  x: (rest) => 4 + rest.readUInt32BE(0),
  m: (rest) => 1 + rest.readUInt8(0),
  v: (rest) => 1 + 4 * rest.readUInt8(0),
};
const NAMES: Record<string, string> = { "0": "b", "1": "b", t: "s", N: "s" };

/**
 * Takes a command's values apart. A format (`f`) shows as the letter alone; its encoding and properties follow it.
 * @param most how many values there may be, each of a property counted as well
 * @throws RangeError when they are not whole, of a type that there is not, or more
 */
export function readValues(payload: Buffer, most: number): SoundValue[] {
  const values: SoundValue[] = [];
  let rest = payload;
  let room = most;
  while (rest.length > 0) {
    const value = readValue(rest, room);
    values.push(value);
    room -= 1 + 3 * (value.properties?.length ?? 0);
    if (room < 0) throw new RangeError("too many values");
    rest = rest.subarray(value.bytes.length);
  }
  return values;
}

function readValue(rest: Buffer, room: number): SoundValue {
  const letter = rest.toString("latin1", 0, 1);
  if (letter === "f") return { type: "f", bytes: rest.subarray(0, 1) };
  if (letter === "P") return readProperties(rest, room);
  const size = SIZES[letter];
  const length = 1 + (typeof size === "function" ? size(rest.subarray(1)) : (size ?? Number.NaN));
  if (!(length <= rest.length)) throw new RangeError("a value that is not whole");
  const bytes = rest.subarray(0, length);
  return { type: NAMES[letter] ?? letter, bytes, ...(letter === "L" ? { number: bytes.readUInt32BE(1) } : {}) };
}

/** Each property is its name, the length of its value, and that value; after the last comes `N`. */
function readProperties(bytes: Buffer, room: number): SoundValue {
  const properties: [string, Buffer][] = [];
  let at = 1;
  for (;;) {
    // None within one has any itself.
    const name = readValue(bytes.subarray(at), 0);
    at += name.bytes.length;
    if (name.bytes.toString("latin1") === "N") break;
    if (3 * properties.length >= room) throw new RangeError("too many values");
    const length = readValue(bytes.subarray(at), 0);
    at += length.bytes.length;
    const value = readValue(bytes.subarray(at), 0);
    at += value.bytes.length;
    const shape = name.type + length.type + value.type;
    if (shape !== "sLx" || length.number !== value.bytes.length - 5) throw new RangeError("no property");
    properties.push([name.bytes.toString("utf8", 1, name.bytes.length - 1), value.bytes.subarray(5)]);
  }
  return { type: "P", bytes: bytes.subarray(0, at), properties };
}

export function numberValue(number: number): Buffer {
  const bytes = Buffer.from("L\0\0\0\0", "latin1");
  bytes.writeUInt32BE(number, 1);
  return bytes;
}

export function bytesValue(content: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from("x"), numberValue(content.length).subarray(1), content]);
}

export function textValue(text: string): Buffer {
  return Buffer.from(`t${text}\0`);
}

export function propertiesValue(properties: readonly [name: string, value: Uint8Array][]): Buffer {
  const parts = properties.map(([name, value]) =>
    Buffer.concat([textValue(name), numberValue(value.length), bytesValue(value)]),
  );
  return Buffer.concat([Buffer.from("P"), ...parts, Buffer.from("N")]);
}
