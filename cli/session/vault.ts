import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createAgentRelay } from "#consent/agent-relay.ts";
import type { Terminal } from "#consent/ask-by-pinentry.ts";
import { type Session, serveConsent } from "#consent/consent-server.ts";
import { createNotifier } from "#consent/notify.ts";
import { type Container, removeLeftovers, startContainer } from "#container/containers.ts";
import type { Engine } from "#container/engine.ts";
import { sessionName, vaultSpec } from "#container/launch-spec.ts";
import { PosternError } from "#protocol/error.ts";
import { readConfiguration } from "#wire/config.ts";
import { notWritable } from "#wire/not-writable.ts";
import { ensurePrivateDirectory } from "../places.ts";
import { agentConnector, agentOptions, endAgent } from "./agent.ts";
import { type BrokerControl, createBrokerControl } from "./broker-orders.ts";
import { choosePerson } from "./choose-person.ts";
import { makeKeyring } from "./keyring.ts";
import { listenPrivately, serveSocket } from "./listen.ts";
import { requireOwnStore } from "./own-store.ts";
import { createWriter } from "./saving/save-entry.ts";
import { type World, busEnvironment, gpgEnvironment, writingEnvironment } from "./world.ts";

export interface VaultOrder {
  store: string;
  /** GNUPGHOME, where it is not the default. */
  gnupg: string | undefined;
  demo: boolean;
  terminal: Terminal | undefined;
}

export interface Vault extends AsyncDisposable {
  readonly store: string;
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
  { store, gnupg, demo, terminal }: VaultOrder,
  signal: AbortSignal,
): Promise<Vault> {
  await requireOwnStore(store, world.uid);
  await using parts = new AsyncDisposableStack();
  const { runtime, state, log, config } = world.places;
  const session = join(runtime, "vault");
  const gates = join(runtime, "gates");
  for (const directory of [session, state, log]) await ensurePrivateDirectory(directory, world.uid);
  await mkdir(config, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw notWritable(config, error);
  });

  // A session process that was killed could not take its containers down.
  await removeLeftovers(engine, sessionName(gates));
  // Here alone a whole tree can be cleared away: no vault runs that could exchange it for a link meanwhile.
  await rm(gates, { recursive: true, force: true });
  await ensurePrivateDirectory(gates, world.uid);
  const configuration = await readConfiguration(join(config, "config.toml"));
  const environment = gpgEnvironment(world, gnupg);
  const keyHome = join(runtime, "gnupg");
  parts.defer(() => rm(keyHome, { recursive: true, force: true }));
  // The demo key's agent is ours alone; the user's own is left as it is.
  if (demo) parts.defer(() => endAgent(environment));
  const keyring = await makeKeyring(store, keyHome, `${SESSION_IN_VAULT}/agent.sock`, environment);
  const { ask, choose, needsTerminal } = await choosePerson(configuration, world.environment, environment, terminal);
  const write = await createWriter({ store, state }, writingEnvironment(world, environment), world.now);
  const control = createBrokerControl();
  parts.use(await serveSocket(join(session, "control.sock"), control.accept));
  const unlock = (gate: string): Promise<object> => control.order({ type: "unlock", gate });
  const notifier = parts.use(createNotifier({ environment: busEnvironment(world), unlock }));
  const tell: Session["tell"] = (notice) => {
    if (notifier.tell(notice)) process.stderr.write(`postern: ${notice.gate}: ${notice.reason}\n`);
  };
  parts.use(
    await serveSocket(join(session, "consent.sock"), (socket) => serveConsent(socket, { ask, choose, tell, write })),
  );
  const relay = createAgentRelay({
    keygrips: keyring.keygrips,
    connectAgent: agentConnector(environment),
    options: agentOptions(world.environment, terminal),
    description: `Postern's vault wants to decrypt an entry of ${store} with the key of ${keyring.owner}.`,
  });
  parts.use(await listenPrivately(join(session, "agent.sock"), relay));

  const user = `${world.uid}:${world.gid}`;
  const spec = vaultSpec({ image, user, store, gnupg: keyHome, gates, session, config, log, demo });
  const container = parts.use(await startContainer(engine, spec, signal));
  await connectedOrExited(control, container, signal);
  const kept = parts.move();
  return {
    store,
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
