import { ACCESS_DENIED, COMMAND, EVENTS, REQUESTS } from "./commands.ts";
import { CONTROL, type SoundFrame, controlFrame } from "./frame.ts";
import { harmless } from "./properties.ts";
import { type SoundValue, bytesValue, numberValue, propertiesValue, readValues, textValue } from "./values.ts";

/**
 * The filter between the browser and the sound server of the session, in prose.
 *
 * Who is trusted. Not the browser: who owns it may say anything. The server's own protocol makes no difference between
 * its clients: each may record from the microphone, record what all others play, load modules, end other clients.
 *
 * What it grants. Playing: making streams, filling them, their volume, their end. Asking which outputs there are and
 * when they change; the volume of a stream that this same connection made, and of no other.
 *
 * What happens to the unknown. Every other command, and every one whose values are not as they should be, is answered
 * with "access denied" and never reaches the server: no recording, no source, no sample, no module, no other
 * program's stream, no change of an output. Nor does any property reach it but names to show to people: PipeWire takes
 * others for instructions, on what to connect with what. In the other direction the same holds: what is not an answer
 * to something asked, or news about playing, is dropped; who the user is and what the machine is called is left out.
 *
 * No memory is shared. The version of the protocol is one from before the two sides could agree on more than that, and
 * the flag for that is taken out, both ways; sound goes as bytes. The cookie that a server may want is put in here, and
 * so never comes into the sandbox.
 *
 * What it does not protect from: a browser that plays what nobody wants to hear, and learns the outputs' names; a hole
 * in the server's handling of the commands that pass.
 */
export interface SoundFilter {
  fromBrowser(frame: SoundFrame): Passed;
  fromServer(frame: SoundFrame): Passed;
}

/** What goes on, to either side. Where something is amiss with a frame as a whole a RangeError is thrown. */
export interface Passed {
  toServer?: Buffer;
  toBrowser?: Buffer;
}

/** Before shared memory by descriptor and ring buffers (30, 31); since streams with formats (21). */
const VERSION = 29;
const OLDEST = 21;
const VERSION_BITS = 0xffff;
/** The flags of sound that is bytes: how to go to the place where it belongs. */
const SEEK_BITS = 0xff;
/** Of subscriptions: changes of sinks, and of the server (the default sink). */
const SUBSCRIBABLE = 0x1 | 0x80;
/** Requests that wait for their reply; libpulse has a few. */
const MOST_ASKED = 256;
const COOKIE_BYTES = 256;
/** A stream with all its formats has some fifty; the server's list of outputs many for each. */
const MOST_VALUES = { request: 256, reply: 32_768 };

/** @param cookie what the server knows this user by; empty: it does without */
export function createSoundFilter(cookie: Uint8Array): SoundFilter {
  /** The commands that wait for their reply, by tag. */
  const asked = new Map<number, number>();
  /** The sink inputs of this connection's streams, by channel. */
  const streams = new Map<number, number>();
  const ownCookie = Buffer.alloc(COOKIE_BYTES);
  ownCookie.set(cookie.subarray(0, COOKIE_BYTES));

  function fromBrowser(frame: SoundFrame): Passed {
    if (frame.channel !== CONTROL) {
      if ((frame.flags & ~SEEK_BITS) !== 0) throw new RangeError("sound that is not in the frame");
      return streams.has(frame.channel) ? { toServer: frame.bytes } : {};
    }
    const { command, tag, values } = readCommand(frame, MOST_VALUES.request);
    const shape = values.map(({ type }) => type).join("");
    if (REQUESTS.get(command)?.test(shape) !== true || !isOwn(command, values[0]?.number))
      return { toBrowser: message(COMMAND.ERROR, tag, [numberValue(ACCESS_DENIED)]) };
    if (asked.size >= MOST_ASKED || asked.has(tag)) throw new RangeError("too many requests at once");
    asked.set(tag, command);
    if (command === COMMAND.DELETE_PLAYBACK_STREAM) streams.delete(values[0]?.number ?? CONTROL);
    return { toServer: message(command, tag, requestValues(command, values)) };
  }

  /** Whether a command that names a stream of the server's by its number there names one of this connection. */
  function isOwn(command: number, index: number | undefined): boolean {
    const namesAny: number[] = [
      COMMAND.GET_SINK_INPUT_INFO,
      COMMAND.SET_SINK_INPUT_VOLUME,
      COMMAND.SET_SINK_INPUT_MUTE,
    ];
    return !namesAny.includes(command) || [...streams.values()].some((own) => own === index);
  }

  function requestValues(command: number, values: SoundValue[]): Buffer[] {
    if (command === COMMAND.AUTH) {
      const version = (values[0]?.number ?? 0) & VERSION_BITS;
      if (version < VERSION) throw new RangeError("a client that is too old");
      return [numberValue(VERSION), bytesValue(ownCookie)];
    }
    if (command === COMMAND.SUBSCRIBE) return [numberValue((values[0]?.number ?? 0) & SUBSCRIBABLE)];
    return values.map(withoutHarm);
  }

  function fromServer(frame: SoundFrame): Passed {
    // Sound comes from the server to those alone who record.
    if (frame.channel !== CONTROL) return {};
    const { command, tag, values } = readCommand(frame, MOST_VALUES.reply);
    const first = values[0]?.number ?? CONTROL;
    if (EVENTS.has(command)) {
      if (command === COMMAND.PLAYBACK_STREAM_KILLED) streams.delete(first);
      return { toBrowser: message(command, tag, values.map(withoutHarm)) };
    }
    const request = asked.get(tag);
    if (request === undefined || (command !== COMMAND.REPLY && command !== COMMAND.ERROR)) return {};
    asked.delete(tag);
    if (command === COMMAND.REPLY && request === COMMAND.CREATE_PLAYBACK_STREAM)
      streams.set(first, values[1]?.number ?? CONTROL);
    return {
      toBrowser: message(command, tag, command === COMMAND.REPLY ? replyValues(request, values) : [numberValue(first)]),
    };
  }

  return { fromBrowser, fromServer };
}

function replyValues(request: number, values: SoundValue[]): Buffer[] {
  if (request === COMMAND.AUTH) {
    const version = (values[0]?.number ?? 0) & VERSION_BITS;
    if (version < OLDEST) throw new RangeError("a server that is too old");
    return [numberValue(Math.min(version, VERSION))];
  }
  // The server's name and version, then the user's name and the host's; later the default source's.
  const ANONYMOUS = [2, 3, 6];
  return values.map((value, index) =>
    request === COMMAND.GET_SERVER_INFO && ANONYMOUS.includes(index) ? textValue("") : withoutHarm(value),
  );
}

function withoutHarm({ properties, bytes }: SoundValue): Buffer {
  return properties === undefined ? bytes : propertiesValue(properties.filter(([name]) => harmless(name)));
}

function readCommand(
  { payload, flags }: SoundFrame,
  most: number,
): { command: number; tag: number; values: SoundValue[] } {
  const [command, tag, ...values] = readValues(payload, most);
  if (command?.number === undefined || tag?.number === undefined || flags !== 0) throw new RangeError("no command");
  return { command: command.number, tag: tag.number, values };
}

function message(command: number, tag: number, values: Buffer[]): Buffer {
  return controlFrame(Buffer.concat([numberValue(command), numberValue(tag), ...values]));
}
