import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Session, serveConsent } from "#consent/consent-server.ts";
import type { AskPerson } from "#consent/person.ts";
import { choices } from "#consent/prompt-text.ts";
import { createBrokerControl } from "#cli/session/broker-orders.ts";
import { serveSocket } from "#cli/session/listen.ts";

/** A broker in a process of its own, on a store, with somebody who allows everything for as long as can be. */
export interface ServedStore extends AsyncDisposable {
  broker: ChildProcess;
  /** Opens a gate. @returns the arguments of Node for a host on it */
  openGate(gate: string): Promise<string[]>;
}

interface Places {
  /** Holds the programs' bundles. */
  programs: string;
  /** For sockets and state: it must not exist. */
  directory: string;
  store: string;
  gnupg: string;
  /** Where programs are looked for. */
  path: string;
  /** Of config.toml. */
  config?: string;
}

/** How long a broker may take until it is there, in milliseconds. */
const PATIENCE = 60_000;

export async function serveStore(places: Places): Promise<ServedStore> {
  const { programs, directory, store, gnupg, path, config = "" } = places;
  const place = (name: string): string => join(directory, name);
  for (const name of ["", "gates", "session", "state"]) await mkdir(place(name), { mode: 0o700 });
  await writeFile(place("config.toml"), config);

  await using parts = new AsyncDisposableStack();
  const control = createBrokerControl(PATIENCE);
  parts.use(await serveSocket(place("session/control.sock"), control.accept));
  const allow: AskPerson = async (question) => (choices(question).minutes > 0 ? "session" : "once");
  // Nothing that is measured writes.
  const session: Session = { ask: allow, tell: () => undefined, write: async () => "deny" };
  const consent = await serveSocket(place("session/consent.sock"), (socket) => serveConsent(socket, session));
  parts.use(consent);
  const options = [
    ["--store", store],
    ["--gnupg", gnupg],
    ["--gates", place("gates")],
    ["--session", place("session")],
    ["--state", place("state")],
    ["--config", place("config.toml")],
  ];
  const program = [join(programs, "postern-broker.cjs"), ...options.flat()];
  const broker = spawn(process.execPath, program, { env: { PATH: path }, stdio: ["ignore", "ignore", "inherit"] });
  parts.defer(async () => {
    if (broker.exitCode !== null || broker.signalCode !== null) return;
    broker.kill();
    await once(broker, "exit");
  });
  await control.connected(AbortSignal.timeout(PATIENCE));

  async function openGate(gate: string): Promise<string[]> {
    await mkdir(place(`gates/${gate}`), { mode: 0o700 });
    await control.order({ type: "openGate", gate });
    return [join(programs, "postern-host.cjs"), "--socket", place(`gates/${gate}/bridge.sock`)];
  }

  const kept = parts.move();
  return { broker, openGate, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
