import { controlFrame } from "#relays/sound/frame.ts";
import { bytesValue, numberValue, propertiesValue, textValue } from "#relays/sound/values.ts";

/**
 * A client of a sound server that says anything, for a Node anywhere: `node -e SCRIPT SOCKET FRAME…`, the frames in
 * hexadecimal, each with its place in the list as its tag. Prints one JSON object: for each tag the command that
 * answered and its first number; and whether the server hung up.
 */
export const SOUND_CLIENT = `
  const [path, ...frames] = process.argv.slice(1);
  const [GREETING, ERROR] = [0, 0];
  let answers;
  let retries = 20;
  connect();

  function connect() {
    const socket = require("node:net").connect(path);
    answers = {};
    let rest = Buffer.alloc(0);
    let awaited = 0;
    let again = false;
    const next = () => {
      const frame = frames[awaited];
      if (frame === undefined) socket.destroy();
      else socket.write(Buffer.from(frame, "hex"));
    };
    socket.on("connect", next);
    socket.on("data", (piece) => {
      rest = Buffer.concat([rest, piece]);
      while (rest.length >= 20 && rest.length >= 20 + rest.readUInt32BE(0)) {
        const frame = rest.subarray(20, 20 + rest.readUInt32BE(0));
        rest = rest.subarray(20 + frame.length);
        const [command, tag] = [frame.readUInt32BE(1), frame.readUInt32BE(6)];
        if (tag !== awaited) continue;
        // PulseAudio tells a user by credentials that the kernel adds once it has asked for them, right after it has
        // accepted: a greeting in between is a stranger's.
        again = tag === GREETING && command === ERROR && retries-- > 0;
        if (again) return socket.destroy();
        answers[tag] = [command, frame.length >= 15 && frame[10] === 76 ? frame.readUInt32BE(11) : null];
        awaited += 1;
        next();
      }
    });
    socket.on("error", () => {});
    socket.on("close", () => (again ? connect() : console.log(JSON.stringify(answers))));
  }
`;

/** A command's payload: its number and tag, then its values as they are. */
export function payload(command: number, tag: number, values: Uint8Array[]): Buffer {
  return Buffer.concat([numberValue(command), numberValue(tag), ...values]);
}

/** What the commands are called, and their numbers: those that a client may try. */
export const TRY = {
  CREATE_RECORD_STREAM: 5,
  DELETE_RECORD_STREAM: 6,
  EXIT: 7,
  LOOKUP_SOURCE: 11,
  STAT: 13,
  CREATE_UPLOAD_STREAM: 15,
  DELETE_UPLOAD_STREAM: 16,
  FINISH_UPLOAD_STREAM: 17,
  PLAY_SAMPLE: 18,
  REMOVE_SAMPLE: 19,
  GET_SOURCE_INFO: 23,
  GET_SOURCE_INFO_LIST: 24,
  GET_MODULE_INFO: 25,
  GET_MODULE_INFO_LIST: 26,
  GET_CLIENT_INFO: 27,
  GET_CLIENT_INFO_LIST: 28,
  GET_SINK_INPUT_INFO_LIST: 30,
  GET_SOURCE_OUTPUT_INFO: 31,
  GET_SOURCE_OUTPUT_INFO_LIST: 32,
  GET_SAMPLE_INFO: 33,
  GET_SAMPLE_INFO_LIST: 34,
  SET_SINK_VOLUME: 36,
  SET_SOURCE_VOLUME: 38,
  SET_SINK_MUTE: 39,
  SET_SOURCE_MUTE: 40,
  SET_DEFAULT_SINK: 44,
  SET_DEFAULT_SOURCE: 45,
  SET_RECORD_STREAM_NAME: 47,
  KILL_CLIENT: 48,
  KILL_SINK_INPUT: 49,
  KILL_SOURCE_OUTPUT: 50,
  LOAD_MODULE: 51,
  UNLOAD_MODULE: 52,
  GET_RECORD_LATENCY: 57,
  CORK_RECORD_STREAM: 58,
  FLUSH_RECORD_STREAM: 59,
  MOVE_SINK_INPUT: 67,
  MOVE_SOURCE_OUTPUT: 68,
  SUSPEND_SINK: 70,
  SUSPEND_SOURCE: 71,
  SET_RECORD_STREAM_BUFFER_ATTR: 73,
  UPDATE_RECORD_STREAM_SAMPLE_RATE: 75,
  UPDATE_RECORD_STREAM_PROPLIST: 80,
  EXTENSION: 87,
  GET_CARD_INFO: 88,
  GET_CARD_INFO_LIST: 89,
  SET_CARD_PROFILE: 90,
  SET_SINK_PORT: 96,
  SET_SOURCE_PORT: 97,
  SET_SOURCE_OUTPUT_VOLUME: 98,
  SET_SOURCE_OUTPUT_MUTE: 99,
  SET_PORT_LATENCY_OFFSET: 100,
  ENABLE_SRBCHANNEL: 101,
  DISABLE_SRBCHANNEL: 102,
  REGISTER_MEMFD_SHMID: 103,
  SEND_OBJECT_MESSAGE: 104,
} as const;

/** Frames for SOUND_CLIENT: greeting and name, then these commands. */
export function framesOf(commands: [command: number, values: Uint8Array[]][]): string[] {
  const greeting: [number, Uint8Array[]][] = [
    [8, [numberValue(35), bytesValue(new Uint8Array(256))]],
    [9, [propertiesValue([["application.name", text("attack")]])]],
  ];
  return [...greeting, ...commands].map(([command, values], tag) =>
    controlFrame(payload(command, tag, values)).toString("hex"),
  );
}

export const truth = (...values: boolean[]): Buffer => Buffer.from(values.map((value) => (value ? "1" : "0")).join(""));
export const text = (value: string): Buffer => Buffer.from(`${value}\0`);
const NONE = 0xffff_ffff;

/** One channel of 16-bit samples. */
const SAMPLES = [Buffer.from([0x61, 3, 1, 0, 0, 0xac, 0x44]), Buffer.from([0x6d, 1, 0])];
export const VOLUME = Buffer.from([0x76, 1, 0, 1, 0, 0]);

/** The values of CREATE_RECORD_STREAM as PulseAudio's protocol has them since version 22. */
export function recordStream(source: string): Uint8Array[] {
  return [
    ...SAMPLES,
    numberValue(NONE),
    textValue(source),
    numberValue(NONE),
    truth(false),
    numberValue(NONE),
    truth(...Array.from<boolean>({ length: 9 }).fill(false)),
    propertiesValue([["media.name", text("attack")]]),
    numberValue(NONE),
    truth(false, false, false),
    Buffer.from([0x42, 0]),
    VOLUME,
    truth(false, false, false, false, false),
  ];
}

/** The values of CREATE_PLAYBACK_STREAM since version 21. */
export function playbackStream(properties: [string, Uint8Array][] = [["media.name", text("attack")]]): Uint8Array[] {
  return [
    ...SAMPLES,
    numberValue(NONE),
    Buffer.from("N"),
    numberValue(NONE),
    truth(false),
    ...[NONE, NONE, NONE, 0].map(numberValue),
    VOLUME,
    truth(...Array.from<boolean>({ length: 9 }).fill(false)),
    propertiesValue(properties),
    truth(...Array.from<boolean>({ length: 7 }).fill(false)),
    Buffer.from([0x42, 0]),
  ];
}
