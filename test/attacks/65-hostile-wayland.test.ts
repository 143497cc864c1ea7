import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { createReplyReader } from "#cli/display/reply.ts";
import { type Global, encodeRequest } from "#cli/display/wire.ts";
import { PosternError } from "#protocol/error.ts";
import { mutatedBytes } from "#test/harness/mutated-bytes.ts";

/** What failed is told with its seed and path: given to `fc.assert` beside the number, it fails again. */
const REPLIES = 100_000;
const [REGISTRY, CALLBACK] = [2, 3];
const MIB = 2 ** 20;

/** With the names that are read of each, or what becomes of it instead. */
const KEPT: { name: string; bytes: string; read: string }[] = JSON.parse(
  readFileSync(new URL("../corpus/globals.json", import.meta.url), "utf8"),
);
const corpus = KEPT.map(({ bytes }) => Buffer.from(bytes.replaceAll(" ", ""), "hex"));
const global = encodeRequest(REGISTRY, 0, 5, "wl_shm", 1);
const done = encodeRequest(CALLBACK, 0, 1);
const bases = [...corpus, ...corpus.flatMap((one) => corpus.map((other) => Buffer.concat([one, other, done])))];

describe("attack 65: a compositor that answers with anything", function () {
  this.timeout(600_000);
  const { stackTraceLimit } = Error;
  before("errors are made without a stack, which takes a quarter of the time", () => {
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it("a hundred thousand answers, cut anywhere: what is read is what somebody reads who has them whole", () => {
    const cuts = fc.array(fc.nat(20), { maxLength: 8 });
    const seen = new Set<string>();
    const property = fc.property(mutatedBytes(bases), cuts, (answer, lengths) => {
      const whole = readWhole(answer);
      assert.deepEqual(readInPieces(answer, lengths), whole, answer.toString("hex"));
      seen.add(typeof whole === "string" ? whole : `${Math.min(whole.length, 2)} told`);
    });
    fc.assert(property, { numRuns: REPLIES });
    assert.deepEqual([...seen].toSorted(), ["0 told", "1 told", "2 told", "not done", "refused"]);
  });

  for (const [index, { name, read }] of KEPT.entries()) {
    it(`${name}: ${read === "" ? "no globals" : read}`, () => {
      const outcome = readInPieces(corpus[index] ?? Buffer.alloc(0), []);
      assert.equal(typeof outcome === "string" ? outcome : outcome.map((told) => told.interface).join(), read);
    });
  }

  for (const [name, piece] of [
    ["globals without end", Buffer.concat(Array.from({ length: 1000 }, () => global))],
    [
      "events without end that nobody asked for",
      Buffer.concat(Array.from({ length: 1000 }, () => encodeRequest(9, 9))),
    ],
    ["a long event after the other", Buffer.concat([encodeRequest(9, 9).fill(0xff, 6, 8), Buffer.alloc(0xff_f7)])],
  ] as const) {
    it(`${name}: it is listened to no longer before a MiB, and no more than that is held`, () => {
      const read = createReplyReader(REGISTRY, CALLBACK);
      const before = process.memoryUsage().arrayBuffers;
      let told = 0;
      assert.throws(
        () => {
          for (; told < 64 * MIB; told += piece.length) read(Buffer.from(piece));
        },
        { code: "internal", message: /does not speak Wayland/ },
      );
      assert.ok(told < MIB, `${told} bytes`);
      assert.ok(process.memoryUsage().arrayBuffers - before < 2 * MIB);
    });
  }

  it("the longest event, byte by byte: each byte is copied a few times, not each time again", () => {
    const event = Buffer.concat([encodeRequest(9, 9).fill(0xff, 6, 8), Buffer.alloc(0xff_f7)]);
    const read = createReplyReader(REGISTRY, CALLBACK);
    let copied = 0;
    const { concat } = Buffer;
    Buffer.concat = (list, total) => {
      const joined = concat(list, total);
      copied += joined.length;
      return joined;
    };
    try {
      for (let at = 0; at < event.length; at += 1) assert.equal(read(event.subarray(at, at + 1)), undefined);
      assert.deepEqual(read(done), []);
    } finally {
      Buffer.concat = concat;
    }
    assert.ok(copied < 4 * event.length, `${copied} bytes`);
  });
});

type Outcome = Global[] | "refused" | "not done";

function readInPieces(answer: Buffer, cuts: readonly number[]): Outcome {
  const read = createReplyReader(REGISTRY, CALLBACK);
  let at = 0;
  try {
    for (const cut of [...cuts, answer.length]) {
      const globals = read(answer.subarray(at, at + cut));
      if (globals !== undefined) return globals;
      at += cut;
    }
    return "not done";
  } catch (error) {
    if (!(error instanceof PosternError) || error.code !== "internal") throw error;
    return "refused";
  }
}

/** After the protocol's text, with all of it at hand. */
function readWhole(answer: Buffer): Outcome {
  const globals: Global[] = [];
  let rest = answer;
  while (rest.length >= 8) {
    const [object, opcode, size] = [rest.readUInt32LE(0), rest.readUInt16LE(4), rest.readUInt16LE(6)];
    if (size < 8) return "refused";
    if (rest.length < size) break;
    if (object === 1 && opcode === 0) return "refused";
    if (object === CALLBACK) return globals;
    if (object === REGISTRY && opcode === 0) {
      const told = /^(.{4})(.{4})([A-Za-z_]\w*)(\0.{0,3})(.{4})$/s.exec(rest.toString("latin1", 8, size));
      const [, name = "", length = "", text = "", end = "", version = ""] = told ?? [];
      const number = (word: string): number => Buffer.from(word, "latin1").readUInt32LE(0);
      if (told === null || (text.length + end.length) % 4 !== 0 || number(length) !== text.length + 1) return "refused";
      globals.push({ name: number(name), interface: text, version: number(version) });
    }
    rest = rest.subarray(size);
  }
  return "not done";
}
