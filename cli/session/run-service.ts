// Without the vault's container.
//
// The broker is then a service of the user's systemd (manifests/systemd), which shuts it in by other means, and this
// process is its other half, as it is the vault's: it holds the consent agent, the filter before gpg-agent, and whatever
// writes. It starts no broker and no container: the service manager does the one, when a browser of the user's own
// connects, and nobody the other. Everything the broker may reach of it lies in one directory.
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import {
  type SessionOrder,
  type SessionStatusResult,
  type Store,
  isSessionOrder,
} from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES, VERSION } from "#protocol/names.ts";
import { answerRequests } from "#wire/answer.ts";
import { ensurePrivateDirectory } from "../places.ts";
import { attendBroker } from "./attend-broker.ts";
import type { BrokerControl } from "./broker-orders.ts";
import { serveSocket } from "./listen.ts";
import { beOnlySession } from "./one-session.ts";
import { requireOwnStore } from "./own-store.ts";
import { tellReady } from "./tell-ready.ts";
import type { World } from "./world.ts";

interface ServiceOrder {
  store: Store;
  /** GNUPGHOME, where it is not the default. */
  gnupg: string | undefined;
}

/**
 * The session process beside a broker that runs as a user's service: until it is told to end.
 * @throws PosternError `busy` when another session process runs; what `attendBroker` throws
 */
export async function runService(world: World, { store, gnupg }: ServiceOrder, stop: AbortController): Promise<void> {
  await requireOwnStore(store, world.uid);
  const { runtime } = world.places;
  await ensurePrivateDirectory(runtime, world.uid);
  await using _only = await beOnlySession(runtime);
  const session = join(runtime, "vault");
  const places = { session, keyHome: join(session, "gnupg"), agentSocket: join(session, "agent.sock") };
  const order = { stores: [store], gnupg, demo: false, terminal: undefined };
  await using broker = await attendBroker(world, order, places);
  await using _socket = await serveSocket(join(runtime, "session.sock"), (socket) => {
    answerRequests<SessionOrder>(socket, {
      maxIncoming: MAX_REQUEST_BYTES,
      maxOutgoing: MAX_REPLY_BYTES,
      parse: (value) => parseWith(isSessionOrder, "order", value),
      answer: (given) => carryOut(given, broker.control, store, stop),
    });
  });
  await tellReady(world.environment);
  if (!stop.signal.aborted)
    await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
}

async function carryOut(
  order: SessionOrder,
  control: BrokerControl,
  store: Store,
  stop: AbortController,
): Promise<object> {
  switch (order.type) {
    case "up":
    case "serve":
      throw isService();
    case "down":
      // After the reply has gone out.
      setImmediate(() => stop.abort());
      return {};
    case "status":
      return await status(control, store);
    case "lock":
    case "unlock":
    case "grants":
    case "revoke": {
      const { type, gate } = order;
      return await control.order({ type, ...(gate === undefined ? {} : { gate }) });
    }
  }
}

async function status(control: BrokerControl, store: Store): Promise<SessionStatusResult> {
  // It may be that no browser has asked for it yet.
  const { entries, gates } = control.isConnected() ? await control.status() : { entries: 0, gates: [] };
  return { version: VERSION, stores: [store], demo: false, entries, gates, containers: [] };
}

function isService(): PosternError {
  return new PosternError(
    "busy",
    "Postern runs as a service here, for browsers of your own session and without containers.",
    "End it first with: systemctl --user stop postern-broker.socket postern-session",
  );
}
