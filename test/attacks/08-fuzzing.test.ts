import assert from "node:assert/strict";
import fc from "fast-check";
import { isRequest as isQuestion } from "#protocol/generated/consent.ts";
import { PosternError } from "#protocol/error.ts";
import { parseJsonObject } from "#protocol/json.ts";
import { parseRequest, parseWith } from "#protocol/messages.ts";
import { type Endianness, createFrameDecoder } from "#wire/frame.ts";
import { corpus } from "#test/harness/changes.ts";
import { fitsSchema } from "#test/harness/fits-schema.ts";
import { FRAME_VECTORS } from "#test/harness/frame-vectors.ts";
import { fittingValues } from "#test/harness/from-schema.ts";
import { isSoundText } from "#test/harness/sound-text.ts";
import { mutatedBytes } from "#test/harness/mutated-bytes.ts";
import { mutatedJson } from "#test/harness/mutated-json.ts";
import { readDefinitions, referredTo } from "#test/harness/schema.ts";

/** A million together. What failed is told with its seed and path: given to `fc.assert` beside the number, it fails again. */
const FRAMES = 400_000;
const TEXTS = 400_000;
const MESSAGES = 100_000;

/** Short, so that a changed length is often near it. */
const LIMIT = 64;
const MAX_DEPTH = 32;
const TEXT_VERDICTS = [
  "The frame has a key twice.",
  "The frame has an escape in a key.",
  "The frame holds half a surrogate pair.",
  "The frame is nested too deep.",
  "The frame is not UTF-8.",
  "The frame is not a JSON object.",
  "The frame is not one JSON text.",
  "accepted",
];

/** What the messages of a boundary are read with, and the schema that says what they may be. */
const MESSAGES_OF = {
  bridge: { parse: parseRequest, definitions: readDefinitions("bridge") },
  consent: {
    parse: (value: unknown): object => parseWith(isQuestion, "request", value),
    definitions: readDefinitions("consent"),
  },
};

describe("attack 8: a million inputs to the frame decoder and the message validators", function () {
  this.timeout(600_000);
  const untouched = prototypes();
  const { stackTraceLimit } = Error;
  before("errors are made without a stack, which takes a quarter of the time", () => {
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });
  afterEach("no prototype was changed", () => {
    assert.deepEqual(prototypes(), untouched);
  });

  it("frames, cut anywhere: what is read is what somebody reads who has them whole", () => {
    const wires = mutatedBytes(FRAME_VECTORS.map(({ wire }) => wire.subarray(0, 200)));
    const cuts = fc.array(fc.nat(20), { maxLength: 8 });
    const seen = new Set<string>();
    const property = fc.property(wires, cuts, fc.constantFrom("LE" as const, "BE" as const), (wire, lengths, order) => {
      const whole = readWhole(wire, order);
      assert.deepEqual(readInPieces(wire, lengths, order), whole);
      seen.add(whole.end);
    });
    fc.assert(property, { numRuns: FRAMES });
    assert.deepEqual([...seen].toSorted(), ["between frames", "in a frame", "refused"]);
  });

  it("texts: accepted just when they are one sound JSON object, and then they write back as what they are", () => {
    const contents = FRAME_VECTORS.map(({ wire }) => wire.subarray(4, 200));
    const seen = new Set<string>();
    const property = fc.property(
      mutatedBytes([...contents, ...corpus<string>("texts").map((text) => Buffer.from(text))]),
      (content) => {
        const { value, refused = "accepted" } = attempt(() => parseJsonObject(content), "bad_frame");
        assert.equal(value !== undefined, isSoundText(content, MAX_DEPTH), content.toString());
        seen.add(refused);
        if (value === undefined) return;
        const text = JSON.stringify(value);
        assert.equal(JSON.stringify(parseJsonObject(Buffer.from(text))), text);
      },
    );
    fc.assert(property, { numRuns: TEXTS });
    assert.deepEqual([...seen].toSorted(), TEXT_VERDICTS);
  });

  for (const [name, { parse, definitions }] of Object.entries(MESSAGES_OF)) {
    it(`${name} requests: accepted just when the schema's text says so, and then as they were sent`, () => {
      const request = definitions.Request ?? {};
      const seen = new Set<unknown>();
      const property = fc.property(mutatedJson(fittingValues(request, definitions)), (text) => {
        const sent: unknown = JSON.parse(text);
        const { value } = attempt(() => parse(sent), "bad_message");
        assert.equal(value !== undefined, fitsSchema(sent, request, definitions), text);
        seen.add(value === undefined ? "refused" : Reflect.get(value, "type"));
        if (value !== undefined) assert.equal(JSON.stringify(parse(parseJsonObject(Buffer.from(text)))), text);
      });
      fc.assert(property, { numRuns: MESSAGES });
      const types = (request.oneOf ?? []).map(({ $ref = "" }) => referredTo($ref, definitions).properties?.type?.const);
      assert.deepEqual(seen, new Set(["refused", ...types]));
    });
  }
});

interface Read {
  frames: string[];
  end: "refused" | "between frames" | "in a frame";
}

function readInPieces(wire: Buffer, cuts: readonly number[], order: Endianness): Read {
  const decoder = createFrameDecoder(LIMIT, order);
  const frames: string[] = [];
  let at = 0;
  const { refused } = attempt(() => {
    for (const cut of [...cuts, wire.length]) {
      for (const frame of decoder.push(wire.subarray(at, at + cut))) frames.push(Buffer.from(frame).toString("hex"));
      at += cut;
    }
  }, "bad_frame");
  if (refused !== undefined) return { frames, end: "refused" };
  return { frames, end: decoder.isMidFrame() ? "in a frame" : "between frames" };
}

function readWhole(wire: Buffer, order: Endianness): Read {
  const frames: string[] = [];
  let rest = wire;
  while (rest.length >= 4) {
    const length = order === "LE" ? rest.readUInt32LE() : rest.readUInt32BE();
    if (length === 0 || length > LIMIT) return { frames, end: "refused" };
    if (rest.length < 4 + length) break;
    frames.push(rest.toString("hex", 4, 4 + length));
    rest = rest.subarray(4 + length);
  }
  return { frames, end: rest.length > 0 ? "in a frame" : "between frames" };
}

/** What it gives, or the message of the one error that it may throw. */
function attempt<T>(act: () => T, code: string): { value?: T; refused?: string } {
  try {
    return { value: act() };
  } catch (error) {
    if (!(error instanceof PosternError) || error.code !== code) throw error;
    return { refused: error.message };
  }
}

function prototypes(): object[] {
  return [Object, Array, String, Number].map(({ prototype }) => Object.getOwnPropertyDescriptors(prototype));
}
