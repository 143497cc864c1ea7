import { setTimeout as wait } from "node:timers/promises";
import { type BrokerOrder, isBrokerOrder } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES } from "#protocol/names.ts";
import { answerRequests } from "#wire/answer.ts";
import { connectSocket } from "#wire/socket.ts";

const RETRY_AFTER = 250;

/**
 * Connects to control.sock, where the session process listens, and carries out what it orders; connects again
 * whenever the connection goes, until the signal is aborted.
 */
export async function takeOrders(
  path: string,
  carryOut: (order: BrokerOrder) => Promise<object>,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const socket = await connectSocket(path, signal).catch(() => undefined);
    if (socket === undefined) {
      await wait(RETRY_AFTER, undefined, { signal }).catch(() => undefined);
      continue;
    }
    const end = answerRequests<BrokerOrder>(socket, {
      maxIncoming: MAX_REQUEST_BYTES,
      maxOutgoing: MAX_REPLY_BYTES,
      parse: (value) => parseWith(isBrokerOrder, "order", value),
      answer: carryOut,
    });
    signal.addEventListener("abort", end.close, { once: true });
    if (!end.closed.aborted)
      await new Promise((resolve) => end.closed.addEventListener("abort", resolve, { once: true }));
    signal.removeEventListener("abort", end.close);
  }
}
