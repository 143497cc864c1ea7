import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { isFilled } from "#protocol/generated/state.ts";
import type { OriginParts } from "#protocol/origin.ts";
import type { Wait } from "#wire/wait.ts";
import { openAudit, report } from "./audit.ts";
import { createCarryOut } from "./carry-out.ts";
import { createConsentAgent } from "./consent-agent.ts";
import { createConsentQueue } from "./consent-queue.ts";
import type { EntryName } from "./entry-name.ts";
import { openFilledSites } from "./filled-sites.ts";
import { gathered } from "./gathered.ts";
import type { Match } from "./entries-by-host.ts";
import { type Gate, openGate } from "./gate.ts";
import type { GateSocket } from "./gate-socket.ts";
import { createGpg } from "./gpg.ts";
import { announceGpg } from "./announce-gpg.ts";
import { createGrants } from "./grants.ts";
import { createLimitsByGate } from "./limits-by-gate.ts";
import { createLocks, locked } from "./locks.ts";
import { oneAfterAnother } from "./one-after-another.ts";
import { takeOrders } from "./orders.ts";
import { type GatePolicy, isVisible, mayOffer } from "./policy.ts";
import { createPick } from "./pick.ts";
import { createRelease } from "./release.ts";
import { readEntryFile, readLogin } from "./read-login.ts";
import { createSave } from "./save.ts";
import { type StorePlace, boundaryOf, openIgnoredIn } from "./several-stores.ts";
import { openSettings } from "./settings.ts";
import { stateFile } from "./state-file.ts";
import { readDirectory } from "./store-directory.ts";
import { openIndex } from "./store-index.ts";

/** Where things are. Each is a directory but `config` and the names of several stores. */
export interface BrokerPlaces extends StorePlace {
  gnupg: string;
  /** Holds a directory for every gate. */
  gates: string;
  /** Holds consent.sock and control.sock, where the session process listens. */
  session: string;
  state: string;
  /** config.toml; need not exist. */
  config: string;
}

/** What the broker's process may know of the world. */
export interface BrokerWorld {
  /** Where programs are looked for. */
  path: string;
  /** Aborted: the broker ends. */
  signal: AbortSignal;
  /** Sockets that were handed over, by the names of their gates. */
  passed: ReadonlyMap<string, number>;
  /** `hangup`: the configuration is to be read anew. */
  hangUp: EventTarget;
  /** Milliseconds since the epoch, as clock.ts has them. */
  now: () => number;
  wait: Wait;
  /** Tells whoever looks after the process of an error that does not end it. */
  warn: (error: unknown) => void;
}

/** `storeChanged` is said at most this often, in milliseconds. */
const CHANGE_SPAN = 5_000;
/** How long it takes to answer a `find`, amply; in milliseconds. */
const ANSWERING = 20;

/**
 * One process, many gates: serves until the signal is aborted.
 * @param isDemo the store is the demo store, whose gates ask nobody
 * @throws PosternError when it can not begin
 */
export async function runBroker(
  places: BrokerPlaces,
  isDemo: boolean,
  { path, signal, passed, hangUp, now, wait, warn }: BrokerWorld,
): Promise<void> {
  const settings = await openSettings(places.config, isDemo, (name) => ignored.has(name));
  await using audit = await openAudit(places.state, { now, wait });
  const gates = new Map<string, Gate>();
  const locks = createLocks();

  const ignored = await openIgnoredIn(places, {
    signal,
    onChange: () => {
      for (const gate of gates.values()) gate.tellChanged();
    },
    onUnreadable: () =>
      report(audit, { type: "index", entry: ".browserpass.json", reason: "it can not be understood" }),
  });
  const index = openIndex(places.store, {
    signal,
    read: (root, folder) => readDirectory(root, folder, boundaryOf(places, folder)),
    onSkipped: (entry, reason) => report(audit, { type: "index", entry, reason }),
    onChange: gathered(CHANGE_SPAN, wait, (names) => {
      for (const gate of gates.values()) gate.tellChanged(names);
    }),
  });
  const gpg = createGpg({ homedir: places.gnupg, path, signal });
  const filled = await openFilledSites(stateFile(join(places.state, "filled.json"), isFilled, {}));
  const grants = createGrants(now);
  const agent = createConsentAgent(join(places.session, "consent.sock"), () => grants.forget(), signal, wait);
  const consent = createConsentQueue({ ask: agent.ask, onFlood, now });
  const limitsByGate = createLimitsByGate({ settings, consent, agent, audit, state: places.state, now });

  function onFlood(gate: string): void {
    report(audit, { gate, type: "flood", reason: "locked after too many questions" });
    lock(gate);
    void agent.notify(gate, "gate_locked_flood");
  }

  /** @throws PosternError `locked` for an entry that nobody uses: the gate is locked for having asked */
  function refuseCanary(gate: string, entry: EntryName): void {
    if (!settings.isCanary(entry)) return;
    report(audit, { gate, type: "canary", entry, reason: "locked after asking for a canary" });
    lock(gate);
    void agent.notify(gate, "canary");
    throw locked(gate);
  }

  function onBrowserLock(gate: string): void {
    lock(gate);
    void agent.notify(gate, "gate_locked");
  }

  function lock(name?: string): void {
    grants.forget(name);
    locks.lock(name);
    takeStates();
  }

  function takeStates(): void {
    for (const gate of gates.values()) gate.setState(locks.stateOf(gate.name));
  }

  async function open(name: string, socket: GateSocket): Promise<void> {
    if (gates.has(name)) return;
    const policy = (): GatePolicy => settings.policyOf(name);
    const isSeen = (entry: EntryName): boolean => isVisible(policy(), entry);
    const candidates = (page: OriginParts): Match[] =>
      index.candidates(page, settings.aliases(), isSeen).filter(({ entry }) => mayOffer(policy(), page, entry));
    const limits = await limitsByGate.of(name);
    const release = createRelease({
      gate: name,
      policy,
      consent,
      grants,
      limits,
      refuseCanary: (entry) => refuseCanary(name, entry),
      candidates,
      filled,
      read: (entry, aborted) => readLogin(places, gpg, entry, aborted),
    });
    const names = async (): Promise<ReadonlySet<EntryName>> => {
      await index.settled();
      return index.names();
    };
    const pick = createPick({ gate: name, policy, limits, consent, names, choose: agent.choose });
    const save = createSave({
      gate: name,
      policy,
      place: places,
      consent,
      grants,
      limits,
      write: agent.write,
      filled,
      readEntryFile: (entry, aborted) => readEntryFile(places, gpg, entry, aborted),
    });
    const find = async (page: OriginParts): Promise<Match[]> => {
      await index.look(page, settings.aliases());
      return getReady(candidates(page));
    };
    const shared = { gate: name, policy, limits, audit, release, pick, save, now, wait, candidates: find };
    const gate = await openGate(socket, locks.stateOf(name), shared, () => onBrowserLock(name));
    gates.set(name, gate);
    // It may have been locked meanwhile.
    takeStates();
  }

  /** Whoever looks up an entry is likely to want it. If no gpg can be started, the request for it will say so. */
  function getReady(found: Match[]): Match[] {
    // Starting a process stops this one for a moment, and even setting a timer does: not before the answer has gone out.
    if (found.length > 0) setImmediate(() => setTimeout(() => void startAhead(), ANSWERING).unref());
    return found;
  }

  async function startAhead(): Promise<void> {
    await gpg.prepare().catch(() => undefined);
    announceGpg(join(places.session, "agent.sock"));
  }

  async function close(name: string): Promise<void> {
    grants.forget(name);
    const gate = gates.get(name);
    gates.delete(name);
    await gate?.[Symbol.asyncDispose]();
  }

  /** Reads the configuration anew, and drops no grant; one with an error changes nothing. */
  async function reload(): Promise<void> {
    try {
      await settings.reload();
    } catch (error) {
      report(audit, { type: "config", reason: error instanceof PosternError ? error.message : "internal" });
      warn(error);
      throw error;
    }
    for (const gate of gates.values()) gate.tellChanged();
  }

  function unlock(name?: string): void {
    locks.unlock(name);
    limitsByGate.askAgain(name);
    takeStates();
  }

  // What closes a gate that is being opened would leave it open; and what was read first is not to hold in the end.
  const inTurn = oneAfterAnother();
  const carryOut = createCarryOut({
    gates,
    grants,
    audit,
    lock,
    unlock,
    open: (name) => inTurn(() => open(name, { directory: join(places.gates, name) })),
    close: (name) => inTurn(() => close(name)),
    reload: () => inTurn(reload),
    entries: () => index.size,
    now,
  });
  for (const [name, descriptor] of passed) await open(name, { descriptor });
  hangUp.addEventListener("hangup", () => void inTurn(reload).catch(() => undefined));
  await takeOrders(join(places.session, "control.sock"), carryOut, signal);
  for (const name of gates.keys()) await close(name);
}
