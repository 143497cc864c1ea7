import { PosternError, fromWireError } from "#protocol/error.ts";
import { isEvent } from "#protocol/generated/bridge.ts";
import { type Event, MAX_ID, type Reply, parseReply } from "#protocol/messages.ts";

/** One connection to the native host, as the browser gives it. */
export interface HostPort {
  /** @throws Error when the port is closed already */
  post(message: object): void;
  close(): void;
}

export interface PortListener {
  onMessage(message: unknown): void;
  onClosed(reason: PosternError): void;
}

export type Connect = (listener: PortListener) => HostPort;

export interface Question<T> {
  request: { type: string };
  /** Milliseconds until the answer must be there. */
  deadline: number;
  /** @throws PosternError `bad_message` */
  parse: (result: unknown) => T;
  /** Aborted: the request is taken back. */
  signal?: AbortSignal | undefined;
}

export interface Connection {
  /** @throws PosternError what the broker answered; `timeout`; why the port closed; the signal's reason */
  ask<T>(question: Question<T>): Promise<T>;
  close(): void;
  /** Aborted with the reason when the port is gone. */
  closed: AbortSignal;
}

/** Pairs each request with its reply by id. When the port goes, all that wait fails at once. */
export function openConnection(connect: Connect, onEvent: (event: Event) => void): Connection {
  const pending = new Map<number, PromiseWithResolvers<unknown>>();
  const closed = new AbortController();
  let lastId = 0;

  const port = connect({ onMessage: receive, onClosed: fail });

  function receive(message: unknown): void {
    // An event that this version does not know is ignored.
    if (typeof message === "object" && message !== null && "event" in message) {
      if (isEvent(message)) onEvent(message);
      return;
    }
    try {
      settle(parseReply(message));
    } catch {
      close(new PosternError("internal", "The native host sent something that is no reply.", "Update Postern."));
    }
  }

  function settle(reply: Reply): void {
    if (reply.ok) return pending.get(reply.id)?.resolve(reply.result);
    const error = fromWireError(reply.error);
    // 0 answers what had no readable id: the connection is of no use after it.
    if (reply.id === 0) close(error);
    else pending.get(reply.id)?.reject(error);
  }

  function close(reason: PosternError): void {
    fail(reason);
    port.close();
  }

  function fail(reason: PosternError): void {
    closed.abort(reason);
    for (const request of pending.values()) request.reject(closed.signal.reason);
    pending.clear();
  }

  function send(request: object): number {
    lastId = (lastId % MAX_ID) + 1;
    try {
      port.post({ id: lastId, ...request });
    } catch {
      fail(new PosternError("internal", "The connection to Postern was lost.", "Try again."));
    }
    return lastId;
  }

  async function ask<T>({ request, deadline, parse, signal }: Question<T>): Promise<T> {
    signal?.throwIfAborted();
    closed.signal.throwIfAborted();
    const answer = Promise.withResolvers<unknown>();
    const id = send(request);
    if (closed.signal.aborted) throw closed.signal.reason;
    const giveUp = (reason: unknown): void => {
      answer.reject(reason);
      send({ type: "cancel", target: id });
    };
    const abort = (): void => giveUp(signal?.reason);
    const timer = setTimeout(() => giveUp(late()), deadline);
    pending.set(id, answer);
    signal?.addEventListener("abort", abort);
    try {
      return parse(await answer.promise);
    } finally {
      pending.delete(id);
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  return {
    ask,
    close: () => close(new PosternError("cancelled", "The connection was closed.")),
    closed: closed.signal,
  };
}

function late(): PosternError {
  return new PosternError("timeout", "Postern did not answer in time.", "See what it is doing with: postern status");
}
