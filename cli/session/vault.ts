import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Container, removeLeftovers, startContainer } from "#container/containers.ts";
import type { Engine } from "#container/engine.ts";
import { sessionName, vaultSpec } from "#container/launch-spec.ts";
import { PosternError } from "#protocol/error.ts";
import type { Store } from "#protocol/generated/control.ts";
import { ensurePrivateDirectory } from "../places.ts";
import { type StoreOrder, attendBroker } from "./attend-broker.ts";
import type { BrokerControl } from "./broker-orders.ts";
import { requireOwnStore } from "./own-store.ts";
import type { World } from "./world.ts";

export interface Vault extends AsyncDisposable {
  readonly stores: readonly Store[];
  readonly demo: boolean;
  /** Consent is asked on the terminal that ordered the vault: the two end together. */
  readonly needsTerminal: boolean;
  readonly control: BrokerControl;
  readonly container: Container;
}

/** Where the vault sees the directory that holds consent.sock, control.sock and the agent relay's socket. */
const SESSION_IN_VAULT = "/run/postern/session";
const CONNECT_DEADLINE = 15_000;

/**
 * The vault and what it talks to: keyring, consent, orders, the agent's relay, then the container.
 * @throws PosternError `store_unavailable`, `no_secret_key`, `internal`
 */
export async function startVault(
  world: World,
  engine: Engine,
  image: string,
  { stores, gnupg, demo, terminal }: StoreOrder,
  signal: AbortSignal,
): Promise<Vault> {
  for (const store of stores) await requireOwnStore(store, world.uid);
  await using parts = new AsyncDisposableStack();
  const { runtime, log, config } = world.places;
  const session = join(runtime, "vault");
  const gates = join(runtime, "gates");
  // A session process that was killed could not take its containers down.
  await removeLeftovers(engine, sessionName(gates));
  // Here alone a whole tree can be cleared away: no vault runs that could exchange it for a link meanwhile.
  await rm(gates, { recursive: true, force: true });
  await ensurePrivateDirectory(gates, world.uid);
  const keyHome = join(runtime, "gnupg");
  const inVault = { session, keyHome, agentSocket: `${SESSION_IN_VAULT}/agent.sock` };
  const order = { stores, gnupg, demo, terminal };
  const { control, needsTerminal } = parts.use(await attendBroker(world, order, inVault));

  const user = `${world.uid}:${world.gid}`;
  const spec = vaultSpec({ image, user, stores, gnupg: keyHome, gates, session, config, log, demo });
  const container = parts.use(await startContainer(engine, spec, signal));
  await connectedOrExited(control, container, signal);
  const kept = parts.move();
  return {
    stores,
    demo,
    needsTerminal: needsTerminal && !demo,
    control,
    container,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function connectedOrExited(control: BrokerControl, container: Container, signal: AbortSignal): Promise<void> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(CONNECT_DEADLINE)]);
  const exited = container.exited.then(() => {
    throw new PosternError("internal", "The vault ended right after its start.");
  });
  exited.catch(() => undefined);
  try {
    await Promise.race([control.connected(limit), exited]);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof PosternError) throw error;
    throw new PosternError("internal", "The vault did not answer in time.", "Try again: postern up");
  }
}
