import type { Socket } from "node:net";
import { inert } from "#container/inert.ts";
import { PosternError } from "#protocol/error.ts";
import { type BrokerOrder, type BrokerStatusResult, isBrokerStatusResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES } from "#protocol/names.ts";
import { type AskingEnd, askOver } from "#wire/ask.ts";

/** What an order is without its id. */
type Order = BrokerOrder extends infer O ? (O extends BrokerOrder ? Omit<O, "id"> : never) : never;

/** The session process's end of control.sock: the broker connects, the session process orders. */
export interface BrokerControl {
  /** Takes over a connection of the broker; a newer one replaces an older. */
  accept(socket: Socket): void;
  /** Resolves when a broker is connected. */
  connected(signal: AbortSignal): Promise<void>;
  isConnected(): boolean;
  /** @throws PosternError what the broker answered; `no_broker` without one, `timeout` when it does not answer */
  order(order: Order): Promise<object>;
  status(): Promise<BrokerStatusResult>;
}

/** How long a vault may take for an order, in milliseconds: one that hangs must not keep `down` from ending it. */
const PATIENCE = 15_000;

export function createBrokerControl(patience = PATIENCE): BrokerControl {
  let broker: AskingEnd | undefined;
  let arrival = Promise.withResolvers<void>();

  function accept(socket: Socket): void {
    broker?.close();
    const end = askOver(socket, { maxIncoming: MAX_REPLY_BYTES, maxOutgoing: MAX_REQUEST_BYTES });
    broker = end;
    arrival.resolve();
    end.closed.addEventListener("abort", () => {
      if (broker !== end) return;
      broker = undefined;
      arrival = Promise.withResolvers<void>();
    });
  }

  async function connected(signal: AbortSignal): Promise<void> {
    const { promise, reject } = Promise.withResolvers<never>();
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    await Promise.race([arrival.promise, promise]);
  }

  async function order(request: Order): Promise<object> {
    if (broker === undefined)
      throw new PosternError("no_broker", "The vault is not running.", "Start it with: postern up");
    try {
      return await broker.ask(request, { signal: AbortSignal.timeout(patience) });
    } catch (error) {
      if (error instanceof PosternError) throw inertError(error);
      throw new PosternError("timeout", "The vault does not answer.", "End it with: postern down");
    }
  }

  async function status(): Promise<BrokerStatusResult> {
    return parseWith(isBrokerStatusResult, "status", await order({ type: "status" }));
  }

  return { accept, connected, isConnected: () => broker !== undefined, order, status };
}

/** The words of a vault, which gpg's parser may have been broken in, as what a terminal shows and does not obey. */
function inertError({ code, message, hint }: PosternError): PosternError {
  return new PosternError(code, inert(message), hint === undefined ? undefined : inert(hint));
}
