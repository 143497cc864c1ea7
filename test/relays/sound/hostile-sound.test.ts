import assert from "node:assert/strict";
import fc from "fast-check";
import { COMMAND, REQUESTS } from "#relays/sound/commands.ts";
import { createSoundFilter } from "#relays/sound/filter.ts";
import { controlFrame, createSoundDecoder } from "#relays/sound/frame.ts";
import { mutatedBytes } from "#test/harness/mutated-bytes.ts";
import { TRY, framesOf, playbackStream, recordStream } from "#test/harness/sound-client.ts";
import { bytesValue, numberValue } from "#relays/sound/values.ts";

/** What failed is told with its seed and path: given to `fc.assert` beside the number, it fails again. */
const CONVERSATIONS = 100_000;
const COMMAND_BYTES = 16 * 1024;
const SOUND_BYTES = 1024 * 1024;

const frames = framesOf([
  [COMMAND.CREATE_PLAYBACK_STREAM, playbackStream()],
  [TRY.CREATE_RECORD_STREAM, recordStream("test.monitor")],
  [COMMAND.SUBSCRIBE, [numberValue(0xffff)]],
  [COMMAND.CORK_PLAYBACK_STREAM, [numberValue(4), Buffer.from("1")]],
  [COMMAND.GET_SINK_INPUT_INFO, [numberValue(70)]],
  [COMMAND.AUTH, [numberValue(35), bytesValue(Buffer.alloc(256))]],
]).map((hex) => Buffer.from(hex, "hex"));
const bases = [...frames, Buffer.concat(frames), Buffer.concat([...frames.slice(2), ...frames.slice(0, 2)])];

describe("what a browser, or a sound server, sends to the relay", function () {
  this.timeout(600_000);
  const { stackTraceLimit } = Error;
  before("errors are made without a stack, which takes a quarter of the time", () => {
    Error.stackTraceLimit = 0;
  });
  after(() => {
    Error.stackTraceLimit = stackTraceLimit;
  });

  it("a hundred thousand conversations, cut anywhere: commands that it knows pass, others are refused, or it hangs up", () => {
    const cuts = fc.array(fc.nat(40), { maxLength: 8 });
    const seen = new Set<string>();
    const property = fc.property(mutatedBytes(bases), cuts, fc.boolean(), (bytes, lengths, isServer) => {
      seen.add(converse(bytes, lengths, isServer));
    });
    fc.assert(property, { numRuns: CONVERSATIONS });
    assert.deepEqual([...seen].toSorted(), ["hung up", "nothing", "passed", "refused"]);
  });

  it("a block of sound that comes byte by byte takes hardly more room than its bytes", () => {
    const decode = createSoundDecoder({ control: COMMAND_BYTES, sound: SOUND_BYTES });
    const header = Buffer.alloc(20);
    header.writeUInt32BE(SOUND_BYTES);
    assert.deepEqual([...decode(header)], []);
    const before = process.memoryUsage();
    for (let sent = 0; sent < SOUND_BYTES - 1; sent++) for (const _ of decode(Buffer.of(1))) assert.fail();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    assert.ok(arrayBuffers - before.arrayBuffers < 64 * SOUND_BYTES, `${arrayBuffers - before.arrayBuffers}`);
    assert.ok(heapUsed - before.heapUsed < 64 * SOUND_BYTES, `${heapUsed - before.heapUsed}`);
    assert.equal([...decode(Buffer.of(1))].length, 1);
  });

  it("the longest command of values without a length is refused by its first 20 bytes, or by the 257th value", () => {
    const decode = createSoundDecoder({ control: COMMAND_BYTES, sound: SOUND_BYTES });
    const of = (length: number): Buffer =>
      controlFrame(Buffer.concat([numberValue(COMMAND.SUBSCRIBE), numberValue(1), Buffer.alloc(length, "0")]));
    assert.throws(() => [...decode(of(SOUND_BYTES).subarray(0, 20))], RangeError);
    const [frame] = [...createSoundDecoder({ control: COMMAND_BYTES, sound: SOUND_BYTES })(of(COMMAND_BYTES - 10))];
    assert.ok(frame !== undefined);
    assert.throws(() => createSoundFilter(Buffer.alloc(0)).fromBrowser(frame), /too many values/);
  });
});

function converse(bytes: Buffer, lengths: readonly number[], isServer: boolean): string {
  const decode = createSoundDecoder({ control: isServer ? SOUND_BYTES : COMMAND_BYTES, sound: SOUND_BYTES });
  const filter = createSoundFilter(Buffer.alloc(256, 7));
  let outcome = "nothing";
  try {
    let rest = bytes;
    for (const length of [...lengths, bytes.length]) {
      for (const frame of decode(rest.subarray(0, length))) {
        const { toServer, toBrowser } = isServer ? filter.fromServer(frame) : filter.fromBrowser(frame);
        // Of a frame on the channel of commands: after the header, the letter of a number and that number.
        if (toServer?.readUInt32BE(4) === 0xffff_ffff) assert.ok(REQUESTS.has(toServer.readUInt32BE(21)));
        if (isServer) assert.equal(toServer, undefined);
        if (toServer !== undefined) outcome = "passed";
        else if (toBrowser !== undefined) outcome = "refused";
      }
      rest = rest.subarray(length);
    }
    return outcome;
  } catch (error) {
    assert.ok(error instanceof RangeError, String(error));
    return "hung up";
  }
}
