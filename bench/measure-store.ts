import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PROBE } from "./big-store.ts";
import { type Extension, startExtension } from "./extension.ts";
import { type Peers, findPeers } from "./peers.ts";
import type { Case } from "./report.ts";
import { residentMb } from "./resident.ts";
import { serveStore } from "./served-store.ts";
import { type Stopwatch, createStopwatch } from "./stopwatch.ts";

export interface Tools {
  /** How many hosts are started on each store with each key. */
  rounds: number;
  /** Holds the programs' bundles. */
  programs: string;
  /** Where programs are looked for. */
  path: string;
}

interface Subject extends Tools {
  entries: number;
  key: string;
  store: string;
  gnupg: string;
  /** A directory to be made. */
  place: string;
}

/** In each round, besides the first: a gate answers no more than ten a minute. */
const GETS = 8;

/** One store with one key: the times, and the most resident memory in MB. */
export async function measureStore(subject: Subject): Promise<{ cases: Case[]; host: number; broker: number }> {
  const { rounds, programs, path, entries, key, store, gnupg, place } = subject;
  const peers = await findPeers(path, gnupg, store, PROBE.entry);
  await using served = await serveStore({ programs, directory: place, store, gnupg, path });
  const empty = join(place, "empty.cjs");
  await writeFile(empty, "");
  const stopwatch = createStopwatch();
  let host = 0;
  for (let round = 0; round < rounds; round++) {
    const program = await served.openGate(`round-${round}`);
    await stopwatch.time("empty Node", () => execa(process.execPath, [empty], { env: {}, extendEnv: false }));
    await using extension = await stopwatch.time("start", () => startExtension(process.execPath, program));
    await measureLogins(extension, peers, stopwatch);
    host = Math.max(host, await residentMb(extension.process));
  }
  const compare = (name: Case["name"], peer: string): Case => {
    const [ms, peerMs] = [stopwatch.median(name) ?? 0, stopwatch.median(peer)];
    if (peerMs === null) return { name, entries, key, ms, peer: null, peerMs, ratio: null };
    return { name, entries, key, ms, peer, peerMs, ratio: ms / peerMs };
  };
  const cases = [
    compare("start", "empty Node"),
    compare("find", "browserpass list"),
    compare("get", "browserpass fetch"),
    compare("get", "gpg --decrypt"),
  ];
  return { cases, host, broker: await residentMb(served.broker) };
}

async function measureLogins(extension: Extension, { browserpass, gpg }: Peers, { time }: Stopwatch): Promise<void> {
  // The first asks for consent.
  await extension.get(PROBE.origin, await extension.find(PROBE.origin));
  for (let login = 0; login < GETS; login++) {
    // Of each login a new handle: what was released on one is kept with it.
    const handle = await time("find", () => extension.find(PROBE.origin));
    if (browserpass !== undefined) await time("browserpass list", browserpass.list);
    await time("get", () => extension.get(PROBE.origin, handle));
    if (browserpass !== undefined) await time("browserpass fetch", browserpass.fetch);
    await time("gpg --decrypt", gpg);
  }
}
