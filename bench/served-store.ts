import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createAgentRelay } from "#consent/agent-relay.ts";
import { type Session, serveConsent } from "#consent/consent-server.ts";
import type { AskPerson } from "#consent/person.ts";
import { choices } from "#consent/prompt-text.ts";
import { HOST_OPTIONS } from "#manifests/host-program.ts";
import { agentConnector, agentOptions } from "#cli/session/agent.ts";
import { createBrokerControl } from "#cli/session/broker-orders.ts";
import { makeKeyring } from "#cli/session/keyring.ts";
import { listenPrivately, serveSocket } from "#cli/session/listen.ts";

/**
 * A broker in a process of its own, on a store, and beside it what the session process does for a vault: a keyring, the
 * way to the agent, and somebody who allows everything for as long as can be.
 */
export interface ServedStore extends AsyncDisposable {
  broker: ChildProcess;
  /** The arguments of Node for a host on the one gate, which limits nothing. */
  host: string[];
}

interface Places {
  /** Holds the programs' bundles. */
  programs: string;
  /** For sockets and state: it must not exist. */
  directory: string;
  store: string;
  /** How many the store has. */
  entries: number;
  /** The user's own. */
  gnupg: string;
  /** Where programs are looked for. */
  path: string;
}

const CONFIG = `[gates.bench]
consent = "session"
ttl = 60
[gates.bench.limits]
domains-a-minute = 100000
domains-a-day = 100000
gets-a-minute = 100000
`;

/** How long a broker may take until it is there, in milliseconds. */
const PATIENCE = 60_000;

export async function serveStore(places: Places): Promise<ServedStore> {
  const { programs, directory, store, entries, gnupg, path } = places;
  const place = (name: string): string => join(directory, name);
  for (const name of ["", "gates", "gates/bench", "session", "state"]) await mkdir(place(name), { mode: 0o700 });
  await writeFile(place("config.toml"), CONFIG);

  await using parts = new AsyncDisposableStack();
  const control = createBrokerControl(PATIENCE);
  parts.use(await serveSocket(place("session/control.sock"), control.accept));
  const allow: AskPerson = async (question) => (choices(question).minutes > 0 ? "session" : "once");
  // Nothing that is measured writes, or has a person choose.
  const deny = async (): Promise<"deny"> => "deny";
  const choose: Session["choose"] = async () => ({ answer: "deny" });
  const session: Session = { ask: allow, choose, tell: () => undefined, write: deny };
  const consent = await serveSocket(place("session/consent.sock"), (socket) => serveConsent(socket, session));
  parts.use(consent);
  const agentSocket = place("session/agent.sock");
  const environment = { PATH: path, HOME: gnupg, GNUPGHOME: gnupg, LANG: "C.UTF-8" };
  const { keygrips, ownerOf } = await makeKeyring([store], place("gnupg"), agentSocket, environment);
  const connectAgent = agentConnector(environment);
  const relay = createAgentRelay({ keygrips, connectAgent, options: agentOptions({}), describe: ownerOf });
  parts.use(await listenPrivately(agentSocket, relay));

  const options = [
    ["--store", store],
    ["--gnupg", place("gnupg")],
    ["--gates", place("gates")],
    ["--session", place("session")],
    ["--state", place("state")],
    ["--config", place("config.toml")],
  ];
  const vault = await vaultSettings(programs);
  const broker = spawn(process.execPath, [...vault.options, join(programs, "postern-broker.cjs"), ...options.flat()], {
    env: { PATH: path, ...vault.environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  parts.defer(async () => {
    if (broker.exitCode !== null || broker.signalCode !== null) return;
    broker.kill();
    await once(broker, "exit");
  });
  await control.connected(AbortSignal.timeout(PATIENCE));
  await control.order({ type: "openGate", gate: "bench" });
  // It answers before it has read all, which is over when anything else begins.
  while ((await control.status()).entries < entries) await wait(100);

  const kept = parts.move();
  return {
    broker,
    host: [
      ...HOST_OPTIONS.split(" "),
      join(programs, "postern-host.cjs"),
      "--socket",
      place("gates/bench/bridge.sock"),
    ],
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What Node is told when the vault's image starts the broker. */
export async function vaultSettings(
  programs: string,
): Promise<{ options: string[]; environment: Record<string, string> }> {
  const image = await readFile(join(programs, "container/vault/Dockerfile"), "utf8");
  const command: string[] = JSON.parse(/^ENTRYPOINT (.*)$/m.exec(image)?.[1] ?? "");
  const environment = image.matchAll(/^ENV (\w+)=(.*)$/gm).map(([, name = "", value = ""]) => [name, value]);
  return { options: command.slice(1, -1), environment: Object.fromEntries(environment) };
}
