import type { Duplex } from "node:stream";
import { PosternError } from "#protocol/error.ts";
import { parseJsonObject } from "#protocol/json.ts";
import { createFrameDecoder, encodeFrame } from "./frame.ts";
import { type Wait, realWait } from "./wait.ts";

/** How long a peer may hold a frame open, in milliseconds. */
const OPEN_FRAME_DEADLINE = 10_000;
/** How much unread output a peer may let pile up, in bytes, before it is closed. */
const MAX_UNREAD_BYTES = 4 * 1024 * 1024;

export interface Channel {
  /** @throws PosternError `internal` when the message would pass the limit: nothing is ever cut. */
  send(message: object): void;
  /** Sends what was sent before, then ends the stream; what still comes is not heard. */
  close(): void;
  /** Aborted when the stream has ended, whoever ended it. */
  readonly closed: AbortSignal;
}

export interface ChannelOptions {
  maxIncoming: number;
  maxOutgoing: number;
  onMessage: (message: Record<string, unknown>) => void;
  /** A frame that can not be read; the channel is closed right after this returns. */
  onBadFrame?: (error: PosternError) => void;
  wait?: Wait;
}

/** JSON objects over a socket: little-endian frames, capped both ways. */
export function openChannel(stream: Duplex, options: ChannelOptions): Channel {
  const { wait = realWait } = options;
  const decoder = createFrameDecoder(options.maxIncoming, "LE");
  const closed = new AbortController();
  let deadline: AbortController | undefined;
  let isClosing = false;

  stream.on("data", (piece: Uint8Array) => {
    if (isClosing) return;
    try {
      for (const frame of decoder.push(piece)) {
        dropDeadline();
        options.onMessage(parseJsonObject(frame));
      }
      // The time runs for a frame, not for a piece: one byte a second does not win more of it.
      if (decoder.isMidFrame() && deadline === undefined) startDeadline();
    } catch (error) {
      if (!(error instanceof PosternError)) throw error;
      refuse(error);
      return;
    }
  });
  stream.on("end", () => stream.end());
  stream.on("error", () => stream.destroy());
  stream.on("close", () => {
    dropDeadline();
    closed.abort();
  });

  function startDeadline(): void {
    deadline = new AbortController();
    wait(OPEN_FRAME_DEADLINE, deadline.signal).then(
      () => refuse(new PosternError("bad_frame", "The frame was held open for too long.")),
      () => undefined,
    );
  }

  function dropDeadline(): void {
    deadline?.abort();
    deadline = undefined;
  }

  function refuse(error: PosternError): void {
    options.onBadFrame?.(error);
    close();
  }

  function send(message: object): void {
    if (!stream.writable) return;
    const content = Buffer.from(JSON.stringify(message));
    if (content.length > options.maxOutgoing) throw new PosternError("internal", "The answer is too long to send.");
    stream.write(encodeFrame(content, "LE"));
    if (stream.writableLength > MAX_UNREAD_BYTES) stream.destroy();
  }

  function close(): void {
    isClosing = true;
    // Ends politely; a peer that does not read its last messages is cut off.
    stream.end();
    stream.resume();
    wait(1_000, closed.signal).then(
      () => stream.destroy(),
      () => undefined,
    );
  }

  return { send, close, closed: closed.signal };
}
