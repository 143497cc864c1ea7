import type { Duplex } from "node:stream";
import { PosternError, fromWireError } from "#protocol/error.ts";
import { type Reply, MAX_ID, parseReply } from "#protocol/messages.ts";
import { type Channel, openChannel } from "./channel.ts";

export interface AskingEnd extends Pick<Channel, "close" | "closed">, Disposable {
  /**
   * Sends a request and waits for its reply.
   * @throws PosternError what the other side answered; `internal` when the connection goes first; the signal's reason
   */
  ask: (request: { type: string; [field: string]: unknown }, options?: AskOptions) => Promise<object>;
}

interface AskOptions {
  /** Aborted: the request is given up here at once. */
  signal?: AbortSignal;
  /** Called with the id under which the request was sent. */
  onSent?: (id: number) => void;
}

/** The side that asks: requests out, each paired with its reply by id. */
export function askOver(
  stream: Duplex,
  options: { maxIncoming: number; maxOutgoing: number; onEvent?: (event: object) => void },
): AskingEnd {
  const pending = new Map<number, PromiseWithResolvers<object>>();
  let lastId = 0;

  const channel = openChannel(stream, {
    maxIncoming: options.maxIncoming,
    maxOutgoing: options.maxOutgoing,
    onMessage: receive,
    onBadFrame: (error) => failAll(error),
  });
  channel.closed.addEventListener("abort", () => failAll(connectionLost()));

  function receive(message: Record<string, unknown>): void {
    if ("event" in message) options.onEvent?.(message);
    else settle(parseReply(message));
  }

  function settle(reply: Reply): void {
    const request = pending.get(reply.id);
    pending.delete(reply.id);
    if (reply.ok) request?.resolve(reply.result);
    else request?.reject(fromWireError(reply.error));
  }

  function failAll(error: PosternError): void {
    for (const request of pending.values()) request.reject(error);
    pending.clear();
  }

  async function ask(request: { type: string }, { signal, onSent }: AskOptions = {}): Promise<object> {
    signal?.throwIfAborted();
    if (channel.closed.aborted) throw connectionLost();
    lastId = (lastId % MAX_ID) + 1;
    const id = lastId;
    const reply = Promise.withResolvers<object>();
    const giveUp = (): void => {
      pending.delete(id);
      reply.reject(signal?.reason);
    };
    pending.set(id, reply);
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      channel.send({ id, ...request });
      onSent?.(id);
      return await reply.promise;
    } finally {
      pending.delete(id);
      signal?.removeEventListener("abort", giveUp);
    }
  }

  return { ask, close: channel.close, closed: channel.closed, [Symbol.dispose]: channel.close };
}

function connectionLost(): PosternError {
  return new PosternError(
    "internal",
    "The connection to Postern was lost before the answer came.",
    "Try again: postern up",
  );
}
