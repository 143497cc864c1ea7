import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { serveConsent } from "#consent/consent-server.ts";
import type { ChooseEntry } from "#consent/choose-by-program.ts";
import type { AskPerson } from "#consent/person.ts";
import { type BrokerControl, createBrokerControl } from "#cli/session/broker-orders.ts";
import { serveSocket } from "#cli/session/listen.ts";
import { createWriter } from "#cli/session/saving/save-entry.ts";
import type { Notify, Question } from "#protocol/generated/consent.ts";
import { type PassStore, makePassStore } from "./pass-store.ts";

/** A real broker process on a real store, with the test in the place of the session process. */
export interface TestBroker extends AsyncDisposable {
  process: ChildProcess;
  store: PassStore;
  /** The socket of the gate `test`. */
  socket: string;
  control: BrokerControl;
  /** Every question that was put to the person. */
  questions: Question[];
  /** What the person was told without a question. */
  notices: Pick<Notify, "gate" | "reason">[];
  /** What the person says from now on; undefined: there is nobody, consent.sock is gone. */
  person(ask: AskPerson | undefined): Promise<void>;
  log(): Promise<Record<string, unknown>[]>;
  /** Everything the process wrote. */
  output(): string;
  state: string;
  /** So many milliseconds pass at once, for a broker that was started with `movesClock`. */
  pass(milliseconds: number): void;
}

interface Options {
  entries?: Record<string, string>;
  demo?: boolean;
  config?: string;
  environment?: Record<string, string>;
  store?: PassStore;
  /** The names of the folders in it that are stores of their own. */
  stores?: string[];
  /** Listening sockets, and the names of their gates with colons between. */
  handedOver?: { descriptors: number[]; names: string };
  /** How the person chooses an entry; without it, none. */
  choose?: ChooseEntry;
  /** The clock can be moved on; the program is then the sources' and not the bundle. */
  movesClock?: boolean;
}

const chooseNothing: ChooseEntry = async () => ({ answer: "deny" });
const ROOT = join(import.meta.dirname, "../..");

export async function startBroker(options: Options = {}): Promise<TestBroker> {
  await using parts = new AsyncDisposableStack();
  const store = options.store ?? parts.use(await makePassStore(options.entries ?? {}));
  const place = (name: string): string => join(store.home, name);
  for (const name of ["session", "state", "gates", "gates/test"])
    await mkdir(place(name), { mode: 0o700, recursive: true });
  await writeFile(place("config.toml"), options.config ?? "");

  const kept = { store: store.store, state: place("session-state") };
  const write = await createWriter(kept, store.environment, Date.now);
  const control = createBrokerControl();
  parts.use(await serveSocket(place("session/control.sock"), control.accept));
  const questions: Question[] = [];
  const notices: TestBroker["notices"] = [];
  let consent: AsyncDisposable | undefined;
  async function person(ask: AskPerson | undefined): Promise<void> {
    await consent?.[Symbol.asyncDispose]();
    consent = undefined;
    if (ask === undefined) return;
    const noted: AskPerson = (question, signal) => {
      questions.push(question);
      return ask(question, signal);
    };
    const tell = ({ gate, reason }: Notify): void => void notices.push({ gate, reason });
    const session = { ask: noted, choose: options.choose ?? chooseNothing, tell, write };
    consent = await serveSocket(place("session/consent.sock"), (socket) => serveConsent(socket, session));
  }
  await person(async () => "once");
  parts.defer(() => person(undefined));

  const places = [
    ["--store", store.store],
    ["--stores", options.stores?.join(",") ?? ""],
    ["--gnupg", store.gnupg],
    ["--gates", place("gates")],
    ["--session", place("session")],
    ["--state", place("state")],
    ["--config", place("config.toml")],
  ].flat();
  const { descriptors, names } = options.handedOver ?? { descriptors: [], names: "" };
  const entry = options.movesClock === true ? "test/harness/broker-main.ts" : "dist/postern-broker.cjs";
  const program = [join(ROOT, entry), ...places, ...(options.demo === true ? ["--demo"] : [])];
  // The shell's process becomes the broker's.
  const child = spawn("/bin/sh", ["-c", 'LISTEN_PID=$$ exec "$0" "$@"', process.execPath, ...program], {
    env: {
      PATH: process.env.PATH,
      HOME: store.home,
      LISTEN_FDS: String(descriptors.length),
      LISTEN_FDNAMES: names,
      ...options.environment,
    },
    stdio: ["ignore", "pipe", "pipe", ...descriptors, ...(options.movesClock === true ? ["ipc" as const] : [])],
    cwd: store.home,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream?.on("data", (piece: Buffer) => (output += piece.toString()));
  parts.defer(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill("SIGTERM");
    await once(child, "exit", { signal: AbortSignal.timeout(30_000) });
  });
  await control.connected(AbortSignal.timeout(30_000)).catch(() => {
    throw new Error(`the broker did not come up: ${output}`);
  });
  await control.order({ type: "openGate", gate: "test" });

  const moved = parts.move();
  return {
    process: child,
    store,
    socket: place("gates/test/bridge.sock"),
    control,
    questions,
    notices,
    person,
    log: async () => {
      const lines = (await readFile(join(place("state"), "audit.jsonl"), "utf8")).trimEnd().split("\n");
      return lines.filter((line) => line !== "").map((line): Record<string, unknown> => JSON.parse(line));
    },
    output: () => output,
    state: place("state"),
    pass: (milliseconds) => void child.send(milliseconds),
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}
