import type { Socket } from "node:net";
import type { Readable, Writable } from "node:stream";
import { PosternError, toWireError } from "#protocol/error.ts";
import { parseJsonObject } from "#protocol/json.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES } from "#protocol/names.ts";
import { type Endianness, createFrameDecoder, encodeFrame } from "#wire/frame.ts";
import { relayFrames } from "./relay.ts";

/** Browsers frame in the machine's own byte order; the socket is little-endian. */
interface Browser {
  input: Readable;
  output: Writable;
  order: Endianness;
}

/**
 * The relay between a browser and its gate's socket. It knows no secret and believes nobody; it opens a message
 * only to say to which request an error belongs. Ends when either side does.
 * @param connect to the gate; what it throws is the browser's answer
 */
export async function runHost(browser: Browser, connect: () => Promise<Socket>): Promise<void> {
  // A browser that went away is told nothing.
  browser.output.on("error", () => browser.input.destroy());
  let socket: Socket;
  try {
    socket = await connect();
  } catch (error) {
    return await answerFirst(browser, error);
  }
  const outward = relayFrames({
    from: browser.input,
    to: socket,
    limit: MAX_REQUEST_BYTES,
    inOrder: browser.order,
    outOrder: "LE",
  });
  const inward = relayFrames({
    from: socket,
    to: browser.output,
    limit: MAX_REPLY_BYTES,
    inOrder: "LE",
    outOrder: browser.order,
  });
  try {
    await Promise.race([inward, outward.then(() => socket.end()).then(() => inward)]);
  } catch (error) {
    // A side that just went away has nobody left to tell.
    if (error instanceof PosternError) send(browser, 0, error);
  } finally {
    socket.destroy();
    browser.input.destroy();
  }
}

/** Answers the first request, then ends: the extension starts a new host for its next try. */
async function answerFirst(browser: Browser, answer: unknown): Promise<void> {
  const decoder = createFrameDecoder(MAX_REQUEST_BYTES, browser.order);
  try {
    for await (const piece of browser.input) {
      for (const frame of decoder.push(piece)) return send(browser, idOf(frame), answer);
    }
  } catch (error) {
    send(browser, 0, error);
  } finally {
    browser.input.destroy();
  }
}

function send({ output, order }: Browser, id: number, error: unknown): void {
  output.write(encodeFrame(Buffer.from(JSON.stringify({ id, ok: false, error: toWireError(error) })), order));
}

function idOf(frame: Uint8Array): number {
  const { id } = parseJsonObject(frame);
  return typeof id === "number" && Number.isInteger(id) && id > 0 ? id : 0;
}
