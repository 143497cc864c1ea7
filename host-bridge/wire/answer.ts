import type { Duplex } from "node:stream";
import { PosternError, toWireError } from "#protocol/error.ts";
import { MAX_ID } from "#protocol/messages.ts";
import { type Channel, openChannel } from "./channel.ts";
import type { Wait } from "./wait.ts";

/** How many requests of one connection may wait for their reply. */
const MAX_PENDING = 32;

export interface AnswerOptions<R> {
  maxIncoming: number;
  maxOutgoing: number;
  /** @throws PosternError `bad_message` */
  parse: (value: unknown) => R;
  /** Whether the request can end others: for as many of these there is room beside those. */
  endsOthers?: (request: R) => boolean;
  /** The signal is aborted with the reason when the request is cancelled or refused, or the connection goes. */
  answer: (request: R, signal: AbortSignal) => Promise<object>;
  wait?: Wait;
}

export interface AnsweringEnd extends Pick<Channel, "close" | "closed"> {
  /** Sends an event. */
  tell: (event: object) => void;
  /** Ends a pending request with `cancelled`; false when there is none of that id. */
  cancel: (id: number) => boolean;
  /** Ends every pending request with this reason. */
  refusePending: (reason: PosternError) => void;
}

/** The side that answers: every request gets exactly one reply, with its own id. */
export function answerRequests<R extends { id: number }>(stream: Duplex, options: AnswerOptions<R>): AnsweringEnd {
  const pending = new Map<number, AbortController>();

  const channel = openChannel(stream, {
    maxIncoming: options.maxIncoming,
    maxOutgoing: options.maxOutgoing,
    onMessage: (message) => void handle(message),
    onBadFrame: (error) => fail(0, error),
    ...(options.wait === undefined ? {} : { wait: options.wait }),
  });
  channel.closed.addEventListener("abort", endPending);

  function endPending(): void {
    refusePending(new PosternError("cancelled", "The connection was closed."));
  }

  function refusePending(reason: PosternError): void {
    for (const request of pending.values()) request.abort(reason);
  }

  /** Not when the peer has ended its side as well, which it may put off. */
  function close(): void {
    endPending();
    channel.close();
  }

  async function handle(message: Record<string, unknown>): Promise<void> {
    const id = readableId(message.id);
    const controller = new AbortController();
    try {
      const request = options.parse(message);
      if (pending.has(id)) throw new PosternError("bad_message", "The id is that of a request still waiting.");
      const room = options.endsOthers?.(request) === true ? 2 * MAX_PENDING : MAX_PENDING;
      if (pending.size >= room) {
        throw new PosternError("busy", "Too many requests are waiting.", "Wait for a reply before asking again.");
      }
      pending.set(id, controller);
      channel.send({ id, ok: true, result: await options.answer(request, controller.signal) });
    } catch (error) {
      fail(id, error);
    } finally {
      if (pending.get(id) === controller) pending.delete(id);
    }
  }

  function fail(id: number, error: unknown): void {
    channel.send({ id, ok: false, error: toWireError(error) });
  }

  function cancel(id: number): boolean {
    const request = pending.get(id);
    request?.abort(new PosternError("cancelled", "The request was cancelled."));
    return request !== undefined;
  }

  return { tell: channel.send, cancel, refusePending, close, closed: channel.closed };
}

function readableId(id: unknown): number {
  return typeof id === "number" && Number.isInteger(id) && id >= 1 && id <= MAX_ID ? id : 0;
}
