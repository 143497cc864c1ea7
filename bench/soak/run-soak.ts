import type { ChildProcess } from "node:child_process";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { PROBE, makeBigStore } from "../big-store.ts";
import { type Extension, startExtension } from "../extension.ts";
import { KEY_KINDS, makeKeyHome } from "../key-home.ts";
import { serveStore } from "../served-store.ts";
import { type ProcessState, stateOf } from "./process-state.ts";

interface Plan {
  finds: number;
  gets: number;
  /** In each, another host comes and goes, and so does an entry of the store. */
  rounds: number;
  /** Holds the programs' bundles. */
  programs: string;
  /** An empty directory. */
  directory: string;
  /** Where programs are looked for. */
  path: string;
  onProgress: (text: string) => void;
}

/** A process when it had warmed up, and when all was done. */
export interface Endurance {
  process: "postern-host" | "postern-broker";
  before: ProcessState;
  after: ProcessState;
}

interface States {
  host: ProcessState;
  broker: ProcessState;
}

const ENTRIES = 1_000;
/** Of the rounds, how many go by before anything counts. */
const WARM_UP = 0.2;
/** For what was started to be there, and what ended to be gone, in milliseconds. */
const SETTLING = 30_000;

/** Does what an extension does over weeks, and looks what is left of it. @throws Error what was answered wrongly */
export async function runSoak(plan: Plan): Promise<Endurance[]> {
  const { finds, gets, rounds, programs, directory, path, onProgress } = plan;
  const [kind] = KEY_KINDS;
  if (kind === undefined) return [];
  await using home = await makeKeyHome(join(directory, "key"), path, kind);
  const store = join(directory, "store");
  const content = await home.encrypt("a password\nlogin: alice\n");
  await makeBigStore(store, ENTRIES, content);
  const place = join(directory, "run");
  await using served = await serveStore({
    programs,
    directory: place,
    store,
    entries: ENTRIES,
    gnupg: home.gnupg,
    path,
  });
  await using port = await startExtension(process.execPath, served.host);

  const states = async (before?: States): Promise<States> => ({
    host: await settledState(port, port.process, 0, before?.host),
    broker: await settledState(port, served.broker, 1, before?.broker),
  });
  const warmUp = Math.ceil(rounds * WARM_UP);
  let before = await states();
  for (let round = 0; round < rounds; round++) {
    onProgress(`round ${round + 1} of ${rounds}`);
    if (round === warmUp) before = await states();
    const come = join(store, `web/come${round}.example.net`);
    await mkdir(come);
    await writeFile(join(come, "bob.gpg"), content);
    for (let count = 0; count < finds / rounds; count++) await port.find(PROBE.origin);
    for (let count = 0; count < gets / rounds; count++) await login(port);
    await using another = await startExtension(process.execPath, served.host);
    await login(another);
    await rm(come, { recursive: true });
  }
  const after = await states(before);
  return [
    { process: "postern-host", before: before.host, after: after.host },
    { process: "postern-broker", before: before.broker, after: after.broker },
  ];
}

async function login(port: Extension): Promise<void> {
  const password = await port.get(PROBE.origin, await port.find(PROBE.origin));
  if (password !== "a password") throw new Error("another password came");
}

/**
 * The state of a process once it has as many children as it keeps (the broker has a gpg wait after a find), and no more
 * open than before: what has just ended takes a moment. What stays is a leak.
 */
async function settledState(
  port: Extension,
  process: ChildProcess,
  children: number,
  before?: ProcessState,
): Promise<ProcessState> {
  const deadline = performance.now() + SETTLING;
  const isSettled = (state: ProcessState): boolean =>
    state.children === children && state.zombies === 0 && state.descriptors <= (before?.descriptors ?? Infinity);
  await port.find(PROBE.origin);
  let state = await stateOf(process);
  while (!isSettled(state) && performance.now() < deadline) {
    await wait(100);
    state = await stateOf(process);
  }
  return state;
}
