import assert from "node:assert/strict";
import fc from "fast-check";
import { COMMAND, REQUESTS } from "#relays/sound/commands.ts";
import { type SoundFilter, createSoundFilter } from "#relays/sound/filter.ts";
import { type SoundFrame, controlFrame, createSoundDecoder } from "#relays/sound/frame.ts";
import { bytesValue, numberValue, propertiesValue, readValues, textValue } from "#relays/sound/values.ts";
import { TRY, VOLUME, payload, playbackStream, recordStream, text, truth } from "#test/harness/sound-client.ts";

const DENIED = 1;
const MIB = 1024 * 1024;
const COOKIE = Buffer.alloc(256, 7);

function frame(command: number, tag: number, values: Uint8Array[] = []): SoundFrame {
  return decode(controlFrame(payload(command, tag, values)));
}

function decode(bytes: Buffer): SoundFrame {
  const [only] = [...createSoundDecoder({ control: MIB, sound: MIB })(bytes)];
  assert.ok(only);
  return only;
}

function sound(channel: number, flags = 0): SoundFrame {
  const bytes = Buffer.concat([controlFrame(Buffer.from("samples"))]);
  bytes.writeUInt32BE(channel, 4);
  bytes.writeUInt32BE(flags, 16);
  return decode(bytes);
}

/** A filter after a stream was made: channel 4, the server's number for it 70. */
function playing(): SoundFilter {
  const filter = createSoundFilter(COOKIE);
  assert.ok(filter.fromBrowser(frame(COMMAND.CREATE_PLAYBACK_STREAM, 1, playbackStream())).toServer);
  assert.ok(filter.fromServer(frame(COMMAND.REPLY, 1, [numberValue(4), numberValue(70), numberValue(0)])).toBrowser);
  return filter;
}

function assertRefused(filter: SoundFilter, command: number, values: Uint8Array[]): void {
  const passed = filter.fromBrowser(frame(command, 9, values));
  assert.deepEqual(passed, { toBrowser: controlFrame(payload(COMMAND.ERROR, 9, [numberValue(DENIED)])) });
}

describe("the filter in front of the sound server", () => {
  for (const [name, command] of Object.entries(TRY)) {
    it(`refuses ${name}, whatever its values`, () => {
      const filter = playing();
      for (const values of [[], [numberValue(70)], [textValue("test.monitor")], recordStream("test.monitor")])
        assertRefused(filter, command, values);
    });
  }

  it("refuses every number of a command that it does not know", () => {
    const known = new Set(REQUESTS.keys());
    for (let command = 0; command < 300; command += 1)
      if (!known.has(command)) assertRefused(playing(), command, [numberValue(4)]);
  });

  it("refuses a command that it knows with values that it does not have", () => {
    for (const command of REQUESTS.keys()) {
      assertRefused(playing(), command, [numberValue(4), textValue("x"), textValue("y")]);
      assertRefused(playing(), command, recordStream("test.monitor"));
    }
  });

  it("says hello with the user's cookie and a version without shared memory, and lets neither side have it", () => {
    const filter = createSoundFilter(COOKIE);
    const [SHM, MEMFD] = [0x8000_0000, 0x4000_0000];
    const hello = frame(COMMAND.AUTH, 0, [numberValue((SHM | MEMFD | 35) >>> 0), bytesValue(Buffer.alloc(256, 1))]);
    assert.deepEqual(filter.fromBrowser(hello), {
      toServer: controlFrame(payload(COMMAND.AUTH, 0, [numberValue(29), bytesValue(COOKIE)])),
    });
    assert.deepEqual(filter.fromServer(frame(COMMAND.REPLY, 0, [numberValue((SHM | MEMFD | 35) >>> 0)])), {
      toBrowser: controlFrame(payload(COMMAND.REPLY, 0, [numberValue(29)])),
    });
  });

  it("hangs up on a client or server that is too old for what it knows", () => {
    const hello = (version: number) => frame(COMMAND.AUTH, 0, [numberValue(version), bytesValue(COOKIE)]);
    assert.throws(() => createSoundFilter(COOKIE).fromBrowser(hello(28)), RangeError);
    const filter = createSoundFilter(COOKIE);
    filter.fromBrowser(hello(29));
    assert.throws(() => filter.fromServer(frame(COMMAND.REPLY, 0, [numberValue(20)])), RangeError);
  });

  it("passes on sound for its own streams, and only as bytes", () => {
    const filter = playing();
    assert.deepEqual(filter.fromBrowser(sound(4)), { toServer: sound(4).bytes });
    assert.deepEqual(filter.fromBrowser(sound(4, 1)), { toServer: sound(4, 1).bytes });
    assert.deepEqual(filter.fromBrowser(sound(5)), {});
    for (const flags of [0x8000_0000, 0xa000_0000, 0x4000_0000, 0xc000_0000, 0x100])
      assert.throws(() => filter.fromBrowser(sound(4, flags)), RangeError);
    assert.deepEqual(filter.fromServer(sound(4)), {});
  });

  it("changes the volume of its own streams alone, for as long as there are any", () => {
    const filter = playing();
    const volume = (index: number) => [numberValue(index), VOLUME];
    assertRefused(filter, COMMAND.SET_SINK_INPUT_VOLUME, volume(71));
    assertRefused(filter, COMMAND.SET_SINK_INPUT_MUTE, [numberValue(4), truth(true)]);
    assertRefused(filter, COMMAND.GET_SINK_INPUT_INFO, [numberValue(0xffff_ffff)]);
    const own = frame(COMMAND.SET_SINK_INPUT_VOLUME, 2, volume(70));
    assert.deepEqual(filter.fromBrowser(own), { toServer: own.bytes });
    filter.fromBrowser(frame(COMMAND.DELETE_PLAYBACK_STREAM, 3, [numberValue(4)]));
    assertRefused(filter, COMMAND.SET_SINK_INPUT_VOLUME, volume(70));
    assert.deepEqual(filter.fromBrowser(sound(4)), {});
    const ended = playing();
    ended.fromServer(frame(COMMAND.PLAYBACK_STREAM_KILLED, 0xffff_ffff, [numberValue(4)]));
    assertRefused(ended, COMMAND.SET_SINK_INPUT_VOLUME, volume(70));
  });

  it("watches outputs, and not what other programs do", () => {
    const { toServer } = playing().fromBrowser(frame(COMMAND.SUBSCRIBE, 2, [numberValue(0x2ff)]));
    assert.deepEqual(toServer, frame(COMMAND.SUBSCRIBE, 2, [numberValue(0x81)]).bytes);
  });

  it("passes on no property that a server could take for an instruction", () => {
    const harmful = ["media.class", "node.target", "target.object", "module.name", "remote.name", "filter.apply.ts"];
    const all = ["media.name", ...harmful, "application.process.id", "pipewire.access", "format.rate", "format.x=y"];
    const properties = propertiesValue(all.map((name): [string, Uint8Array] => [name, text("x")]));
    const { toServer } = playing().fromBrowser(frame(COMMAND.SET_CLIENT_NAME, 2, [properties]));
    const kept = propertiesValue([
      ["media.name", text("x")],
      ["format.rate", text("x")],
    ]);
    assert.deepEqual(toServer, frame(COMMAND.SET_CLIENT_NAME, 2, [kept]).bytes);
  });

  it("does not tell who the user is, nor what the machine is called", () => {
    const filter = playing();
    filter.fromBrowser(frame(COMMAND.GET_SERVER_INFO, 2));
    const words = ["pulseaudio", "16.1", "alice", "alices-laptop"].map(textValue);
    const spec = Buffer.from([0x61, 3, 2, 0, 0, 0xac, 0x44]);
    const rest = [textValue("speaker"), textValue("microphone"), numberValue(1)];
    const { toBrowser = Buffer.alloc(0) } = filter.fromServer(frame(COMMAND.REPLY, 2, [...words, spec, ...rest]));
    assert.equal(toBrowser.includes("alice"), false);
    assert.equal(toBrowser.includes("microphone"), false);
    assert.equal(toBrowser.includes("speaker"), true);
    assert.equal(readValues(decode(toBrowser).payload, 20).length, 10);
  });

  it("drops what the server says unasked, but for news of playing", () => {
    const filter = playing();
    for (const command of [COMMAND.REPLY, COMMAND.ERROR, TRY.ENABLE_SRBCHANNEL, TRY.REGISTER_MEMFD_SHMID, 65, 93])
      assert.deepEqual(filter.fromServer(frame(command, 77, [numberValue(1)])), {});
    const request = frame(COMMAND.REQUEST, 0xffff_ffff, [numberValue(4), numberValue(1000)]);
    assert.deepEqual(filter.fromServer(request), { toBrowser: request.bytes });
  });

  it("hangs up on more requests than wait anywhere, and on one that is asked twice", () => {
    const filter = createSoundFilter(COOKIE);
    for (let tag = 0; tag < 256; tag += 1) filter.fromBrowser(frame(COMMAND.GET_SINK_INFO_LIST, tag));
    assert.throws(() => filter.fromBrowser(frame(COMMAND.GET_SINK_INFO_LIST, 256)), RangeError);
    const other = createSoundFilter(COOKIE);
    other.fromBrowser(frame(COMMAND.GET_SINK_INFO_LIST, 1));
    assert.throws(() => other.fromBrowser(frame(COMMAND.GET_SINK_INFO_LIST, 1)), RangeError);
  });

  it("takes any bytes: they pass as a command that it knows, are refused, or end the connection", () => {
    const passed = (bytes: Uint8Array): void => {
      try {
        const { toServer } = playing().fromBrowser(decode(controlFrame(bytes)));
        if (toServer === undefined) return;
        const [command] = readValues(decode(toServer).payload, 1_000);
        assert.ok(REQUESTS.has(command?.number ?? 0));
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    };
    fc.assert(fc.property(fc.uint8Array({ minLength: 1, maxLength: 80 }), passed));
    const letters = fc.constantFrom(..."LtNx01aBmvPfUTRrV".split("").map((letter) => Buffer.from(letter)));
    const values = fc.array(fc.oneof(letters, fc.uint8Array({ maxLength: 6 })), { maxLength: 8 });
    const command = fc.constantFrom(...REQUESTS.keys());
    fc.assert(
      fc.property(command, values, (number, rest) => passed(payload(number, 2, rest))),
      { numRuns: 2_000 },
    );
  });
});
