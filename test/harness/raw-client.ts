import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { createFrameDecoder, encodeFrame } from "#wire/frame.ts";
import { connectSocket } from "#wire/socket.ts";

const PATIENCE = 30_000;

/** A peer that may say anything: the attacker behind a gate. */
export interface RawClient extends Disposable {
  socket: Socket;
  /** Every message received so far. */
  received: Record<string, unknown>[];
  sendBytes(bytes: Uint8Array): void;
  send(message: unknown): void;
  sendText(text: string): void;
  /** The reply or event that fits, waited for. */
  next(fits: (message: Record<string, unknown>) => boolean): Promise<Record<string, unknown>>;
  /** Sends a request and waits for its reply. */
  ask(request: { id: number } & Record<string, unknown>): Promise<Record<string, unknown>>;
  isClosed(): boolean;
  closed(): Promise<void>;
}

export async function rawClient(path: string): Promise<RawClient> {
  const socket = await connectSocket(path);
  const decoder = createFrameDecoder(1024 * 1024, "LE");
  const received: Record<string, unknown>[] = [];
  const news = new EventEmitter();
  let isClosed = false;
  socket.on("data", (piece: Buffer) => {
    for (const frame of decoder.push(piece)) received.push(JSON.parse(Buffer.from(frame).toString()));
    news.emit("received");
  });
  socket.on("end", () => socket.end());
  socket.on("error", () => undefined);
  socket.on("close", () => (isClosed = true));

  const sendBytes = (bytes: Uint8Array): void => void socket.write(bytes);
  const sendText = (text: string): void => sendBytes(encodeFrame(Buffer.from(text), "LE"));
  const send = (message: unknown): void => sendText(JSON.stringify(message));
  const next: RawClient["next"] = async (fits) => {
    const signal = AbortSignal.timeout(PATIENCE);
    for (;;) {
      const message = received.find(fits);
      if (message !== undefined) return message;
      await once(news, "received", { signal }).catch(() => {
        throw new Error(`no such message within ${PATIENCE} ms; the last one: ${JSON.stringify(received.at(-1))}`);
      });
    }
  };
  async function ask(request: { id: number } & Record<string, unknown>): Promise<Record<string, unknown>> {
    send(request);
    return await next((message) => message.id === request.id);
  }
  async function closed(): Promise<void> {
    if (!isClosed) await once(socket, "close", { signal: AbortSignal.timeout(45_000) });
  }
  return {
    socket,
    received,
    sendBytes,
    send,
    sendText,
    next,
    ask,
    isClosed: () => isClosed,
    closed,
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

export const HELLO = { id: 1, type: "hello", versions: [1], client: { name: "test", version: "1" } };

/** A peer that has said hello. */
export async function greetedClient(path: string): Promise<RawClient> {
  const client = await rawClient(path);
  const reply = await client.ask(HELLO);
  if (reply.ok !== true) throw new Error(`hello was refused: ${JSON.stringify(reply)}`);
  return client;
}

/** The code of a reply that is an error. */
export function codeOf(reply: Record<string, unknown>): unknown {
  const { error } = reply;
  return typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
}
