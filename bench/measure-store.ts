import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { execa } from "execa";
import { PROBE } from "./big-store.ts";
import { startExtension } from "./extension.ts";
import { findPeers } from "./peers.ts";
import type { Case } from "./report.ts";
import { residentMb } from "./resident.ts";
import { serveStore } from "./served-store.ts";
import { createStopwatch } from "./stopwatch.ts";

export interface Tools {
  /** How often each thing is done. */
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

/** Look-ups, and milliseconds of logins, before anything counts: a port lives for days, and what serves it. */
const WARM_UP = { finds: 50, logins: 4_000 };
/** How long a person takes to choose from what was found, at the least; in milliseconds. */
const PAUSE = 50;

/** One store with one key: the times, and the most resident memory in MB. */
export async function measureStore(subject: Subject): Promise<{ cases: Case[]; host: number; broker: number }> {
  const { rounds, programs, path, entries, key, store, gnupg, place } = subject;
  const { browserpass, gpg } = await findPeers(path, gnupg, store, PROBE.entry);
  await using served = await serveStore({ programs, directory: place, store, entries, gnupg, path });
  const empty = join(place, "empty.cjs");
  await writeFile(empty, "");
  const stopwatch = createStopwatch();
  const { time } = stopwatch;
  await using port = await startExtension(process.execPath, served.host);
  for (let count = 0; count < WARM_UP.finds; count++) await port.find(PROBE.origin);
  for (const end = performance.now() + WARM_UP.logins; performance.now() < end;) {
    const handle = await port.find(PROBE.origin);
    await wait(PAUSE);
    await port.get(PROBE.origin, handle);
  }
  for (let round = 0; round < rounds; round++) {
    await time("empty Node", () => execa(process.execPath, [empty], { env: {}, extendEnv: false }));
    await using another = await time("start", () => startExtension(process.execPath, served.host));
    await another[Symbol.asyncDispose]();
  }
  for (let round = 0; round < rounds; round++) {
    // Each after one that does not count: neither begins with what the other has left in the machine's caches.
    await port.find(PROBE.origin);
    await time("find", () => port.find(PROBE.origin));
    await browserpass?.list();
    if (browserpass !== undefined) await time("browserpass list", browserpass.list);
  }
  for (let round = 0; round < rounds; round++) {
    // Of each login a new handle: what was released on one is kept with it.
    const handle = await port.find(PROBE.origin);
    await wait(PAUSE);
    await time("get", () => port.get(PROBE.origin, handle));
    if (browserpass !== undefined) await time("browserpass fetch", browserpass.fetch);
    await time("gpg --decrypt", gpg);
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
  return { cases, host: await residentMb(port.process), broker: await residentMb(served.broker) };
}
