import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { createAgentRelay } from "#consent/agent-relay.ts";
import type { Terminal } from "#consent/ask-by-pinentry.ts";
import { type Session, serveConsent } from "#consent/consent-server.ts";
import { createNotifier } from "#consent/notify.ts";
import type { Store } from "#protocol/generated/control.ts";
import { readConfiguration } from "#wire/config.ts";
import { notWritable } from "#wire/not-writable.ts";
import { ensurePrivateDirectory } from "../places.ts";
import { agentConnector, agentOptions, endAgent } from "./agent.ts";
import { type BrokerControl, createBrokerControl } from "./broker-orders.ts";
import { choosePerson } from "./choose-person.ts";
import { makeKeyring } from "./keyring.ts";
import { listenPrivately, serveSocket } from "./listen.ts";
import { createStoresWriter } from "./saving/save-into-stores.ts";
import { type World, busEnvironment, gpgEnvironment, writingEnvironment } from "./world.ts";
import { writeNote } from "../output.ts";

export interface StoreOrder {
  stores: readonly Store[];
  /** GNUPGHOME, where it is not the default. */
  gnupg: string | undefined;
  demo: boolean;
  terminal: Terminal | undefined;
}

interface BrokerPlaces {
  /** Will hold consent.sock, control.sock and the agent relay's socket. */
  session: string;
  /** Will be the broker's GNUPGHOME. */
  keyHome: string;
  /** The relay's socket as the broker sees it. */
  agentSocket: string;
}

export interface Attending extends AsyncDisposable {
  control: BrokerControl;
  /** Consent is asked on the terminal that ordered it: the two end together. */
  needsTerminal: boolean;
}

/**
 * All that a broker talks to, wherever it runs: its keyring, who is asked, who writes, its orders, the way to gpg-agent.
 * @throws PosternError `store_unavailable`, `no_secret_key`, `internal`
 */
export async function attendBroker(
  world: World,
  { stores, gnupg, demo, terminal }: StoreOrder,
  { session, keyHome, agentSocket }: BrokerPlaces,
): Promise<Attending> {
  await using parts = new AsyncDisposableStack();
  const { state, log, config } = world.places;
  for (const directory of [session, state, log]) await ensurePrivateDirectory(directory, world.uid);
  await mkdir(config, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw notWritable(config, error);
  });
  const configuration = await readConfiguration(join(config, "config.toml"));
  const environment = gpgEnvironment(world, gnupg);
  parts.defer(() => rm(keyHome, { recursive: true, force: true }));
  // The demo key's agent is ours alone; the user's own is left as it is.
  if (demo) parts.defer(() => endAgent(environment));
  const keyring = await makeKeyring(
    stores.map(({ path }) => path),
    keyHome,
    agentSocket,
    environment,
  );
  const asking = await choosePerson(configuration, world.environment, environment, terminal, world.bundles);
  const { ask, choose, needsTerminal } = asking;
  const write = await createStoresWriter(stores, state, writingEnvironment(world, environment), world.now);
  const control = createBrokerControl();
  parts.use(await serveSocket(join(session, "control.sock"), control.accept));
  const unlock = (gate: string): Promise<object> => control.order({ type: "unlock", gate });
  const notifier = parts.use(createNotifier({ environment: busEnvironment(world), unlock }));
  const tell: Session["tell"] = (notice) => {
    if (notifier.tell(notice)) writeNote(`postern: ${notice.gate}: ${notice.reason}\n`);
  };
  parts.use(
    await serveSocket(join(session, "consent.sock"), (socket) => serveConsent(socket, { ask, choose, tell, write })),
  );
  const entry = `an entry of ${stores.map(({ name, path }) => name ?? path).join(" or ")}`;
  const relay = createAgentRelay({
    keygrips: keyring.keygrips,
    connectAgent: agentConnector(environment),
    options: agentOptions(world.environment, terminal),
    describe: (grip) => `Postern's vault wants to decrypt ${entry} with the key of ${keyring.ownerOf(grip)}.`,
  });
  parts.use(await listenPrivately(join(session, "agent.sock"), relay));
  const kept = parts.move();
  return { control, needsTerminal, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
