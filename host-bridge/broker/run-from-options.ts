import { parseArgs } from "node:util";
import { PosternError } from "#protocol/error.ts";
import { VERSION } from "#protocol/names.ts";
import { type BrokerWorld, runBroker } from "./broker.ts";
import { passedSockets } from "./passed-sockets.ts";

const HELP = `Usage: postern-broker --store DIR --gnupg DIR --gates DIR --session DIR --state DIR --config FILE [--stores NAME,NAME] [--demo]

Serves the gates below --gates from the password store, as the session process at --session orders.
SIGHUP has it read --config anew; where that has an error, it goes on with what it had.
Sockets that systemd hands over are gates as well, by the names that their units give them (FileDescriptorName).

  --store DIR     the password store; only read
  --gnupg DIR     GNUPGHOME with the public keys and the way to the agent; only read
  --gates DIR     holds a directory for every gate
  --session DIR   holds consent.sock and control.sock
  --state DIR     where the log is written
  --config FILE   config.toml; need not exist
  --stores NAMES  --store is no store, but holds several: the folders of these names, with commas between
  --demo          the store is the demo store: nobody is asked
  --help, --version
`;

const directory = { type: "string" } as const;
const names = { type: "string", default: "" } as const;
const flag = { type: "boolean" } as const;

/**
 * The broker as its command line says, until a signal ends it.
 * @param words without Node and the program
 * @param clock what its deadlines are measured by
 * @throws PosternError when it can not begin; TypeError for an option that it does not have
 */
export async function runFromOptions(
  words: string[],
  environment: NodeJS.ProcessEnv,
  clock: Pick<BrokerWorld, "now" | "wait">,
): Promise<void> {
  const { values } = parseArgs({
    args: words,
    options: {
      store: directory,
      stores: names,
      gnupg: directory,
      gates: directory,
      session: directory,
      state: directory,
      config: directory,
      demo: flag,
      help: flag,
      version: flag,
    },
  });
  if (values.help === true) return void process.stdout.write(HELP);
  if (values.version === true) return void process.stdout.write(`${VERSION}\n`);
  const { store, gnupg, gates, session, state, config, demo = false } = values;
  if (!store || !gnupg || !gates || !session || !state || !config) {
    throw new PosternError("bad_message", "An option is missing.", "See postern-broker --help");
  }
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stop.abort());
  const hangUp = new EventTarget();
  process.on("SIGHUP", () => hangUp.dispatchEvent(new Event("hangup")));
  const path = environment.PATH ?? "/usr/bin:/bin";
  const passed = passedSockets(environment, process.pid);
  const world = { path, signal: stop.signal, passed, hangUp, warn, ...clock };
  const stores = values.stores.split(",").filter((name) => name !== "");
  await runBroker({ store, stores, gnupg, gates, session, state, config }, demo, world);
}

/** Tells whoever looks after the process. */
export function warn(error: unknown): void {
  // Only messages of our own are safe to show.
  const text = error instanceof PosternError ? error.message : "something unforeseen went wrong.";
  process.stderr.write(`postern-broker: error: ${text}\n`);
  if (error instanceof PosternError && error.hint !== undefined)
    process.stderr.write(`postern-broker: hint: ${error.hint}\n`);
}
