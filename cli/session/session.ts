import type { Socket } from "node:net";
import { join } from "node:path";
import { inspect, isDeepStrictEqual } from "node:util";
import { PosternError } from "#protocol/error.ts";
import {
  type ServeResult,
  type SessionEvent,
  type SessionOrder,
  type SessionStatusResult,
  type Store,
  type UpResult,
  isSessionOrder,
} from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_REPLY_BYTES, MAX_REQUEST_BYTES, VERSION } from "#protocol/names.ts";
import { type AnsweringEnd, answerRequests } from "#wire/answer.ts";
import { ensurePrivateDirectory } from "../places.ts";
import { storesText } from "../stores.ts";
import { bringUp } from "./bring-up.ts";
import type { Browser } from "./browser.ts";
import { serveSocket } from "./listen.ts";
import { beOnlySession } from "./one-session.ts";
import { serve as openOwn } from "./serve.ts";
import type { Vault } from "./vault.ts";
import type { World } from "./world.ts";
import { writeNote } from "../output.ts";

type Up = Extract<SessionOrder, { type: "up" | "serve" }>;

/** What runs. */
export interface Running {
  vault: Vault | undefined;
  /** By the name of their gate. */
  browsers: Map<string, Browser>;
  /** Open for browsers that are not ours, by their names. */
  ownGates: Map<string, AsyncDisposable>;
}

/** How often a session process looks whether it has anything to run; without, it ends. In milliseconds. */
const LOOK_EVERY = 30_000;

/**
 * The session process: takes the command line's orders on session.sock until it is told to end.
 * @throws PosternError `busy` when another one runs
 */
export async function runSession(world: World, stop: AbortController): Promise<void> {
  const running: Running = { vault: undefined, browsers: new Map(), ownGates: new Map() };
  let last: Promise<unknown> = Promise.resolve();
  let ordered = 0;
  let ups = new AbortController();
  const callers = new Set<AbortSignal>();

  await ensurePrivateDirectory(world.places.runtime, world.uid);
  await using _only = await beOnlySession(world.places.runtime);
  await using _socket = await serveSocket(join(world.places.runtime, "session.sock"), serve);
  // Not before: one that makes way for another would stay for it.
  const looking = setInterval(endIfIdle, LOOK_EVERY);
  if (!stop.signal.aborted)
    await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(looking);
  await inTurn(endAll);

  function serve(socket: Socket): void {
    const end: AnsweringEnd = answerRequests<SessionOrder>(socket, {
      maxIncoming: MAX_REQUEST_BYTES,
      maxOutgoing: MAX_REPLY_BYTES,
      parse: (value) => parseWith(isSessionOrder, "order", value),
      answer: (order, signal) => carryOut(order, signal, end.tell, end.closed),
    });
    callers.add(end.closed);
    // Whoever was interrupted before ordering anything leaves nothing behind.
    end.closed.addEventListener("abort", () => setImmediate(endIfIdle));
  }

  async function carryOut(
    order: SessionOrder,
    signal: AbortSignal,
    tell: (event: SessionEvent) => void,
    closed: AbortSignal,
  ): Promise<object> {
    switch (order.type) {
      case "up":
      case "serve": {
        const given = AbortSignal.any([signal, stop.signal, ups.signal]);
        const result = await inTurn(() => up(order, given, tell));
        if (result.attached) closed.addEventListener("abort", () => stop.abort(ending()), { once: true });
        return result;
      }
      case "down":
        // What is still on its way up, or waits for its turn, is not waited for.
        ups.abort(new PosternError("cancelled", "Postern was ended.", "Start it again with: postern up"));
        ups = new AbortController();
        await inTurn(endAll);
        // After the reply has gone out.
        setImmediate(() => stop.abort(ending()));
        return {};
      case "status":
        return await status();
      case "lock":
      case "unlock":
      case "grants":
      case "revoke": {
        if (running.vault === undefined) throw notRunning();
        const { type, gate } = order;
        return await running.vault.control.order({ type, ...(gate === undefined ? {} : { gate }) });
      }
    }
  }

  async function up(
    order: Up,
    signal: AbortSignal,
    tell: (event: SessionEvent) => void,
  ): Promise<UpResult | ServeResult> {
    const hadVault = running.vault !== undefined;
    const hadBrowser = running.browsers.has(order.gate);
    try {
      const { stores } = running.vault ?? order;
      if (!isDeepStrictEqual(stores, order.stores)) throw otherStores(stores);
      if (order.type === "serve" ? hadBrowser : running.ownGates.has(order.gate)) throw otherKind(order.gate);
      if (order.type === "serve") return await openOwn(world, running, order, signal, tell);
      return await bringUp(world, running, order, signal, tell);
    } catch (error) {
      // Whatever this order started ends with it; what ran before goes on.
      if (!hadVault) await endAll();
      else if (!hadBrowser) await endBrowser(order.gate);
      // Why it was ended comes before what that broke.
      signal.throwIfAborted();
      // The caller is told no more than that; the session's log is the user's own.
      if (!(error instanceof PosternError)) writeNote(`postern: unforeseen: ${inspect(error)}\n`);
      throw error;
    }
  }

  async function endAll(): Promise<void> {
    const { vault } = running;
    const gates = [...running.browsers.values(), ...running.ownGates.values()];
    running.vault = undefined;
    running.browsers.clear();
    running.ownGates.clear();
    await Promise.all(gates.map((gate) => gate[Symbol.asyncDispose]()));
    await vault?.[Symbol.asyncDispose]();
  }

  async function endBrowser(gate: string): Promise<void> {
    const browser = running.browsers.get(gate);
    running.browsers.delete(gate);
    await browser?.[Symbol.asyncDispose]();
  }

  async function status(): Promise<SessionStatusResult> {
    const { vault, browsers } = running;
    if (vault === undefined)
      return { version: VERSION, stores: [], demo: false, entries: 0, gates: [], containers: [] };
    const { entries, gates } = await vault.control.status();
    const shown = ({ container: { name, image } }: Vault | Browser) => ({ name, image });
    return {
      version: VERSION,
      stores: [...vault.stores],
      demo: vault.demo,
      entries,
      gates,
      containers: [
        shown(vault),
        ...[...browsers.values()].map((browser) => ({ ...shown(browser), packages: browser.packages.toISOString() })),
      ],
    };
  }

  function endIfIdle(): void {
    for (const closed of callers) if (closed.aborted) callers.delete(closed);
    // Who is connected may be about to order something.
    if (running.vault === undefined && ordered === 0 && callers.size === 0) stop.abort();
  }

  /** Orders that change what runs wait for each other. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    ordered += 1;
    const turn = last.then(act).finally(() => {
      ordered -= 1;
      // After the reply has gone out. What was wrong for an order that failed may have been this process's environment.
      setImmediate(endIfIdle);
    });
    last = turn.catch(() => undefined);
    return turn;
  }
}

/** Why an order that still waits when the session process ends is not carried out. */
function ending(): PosternError {
  return new PosternError("busy", "Postern is just ending.", "Try again: postern up");
}

function otherStores(stores: readonly Store[]): PosternError {
  const message = `Postern is up, and serves ${storesText(stores)} alone.`;
  return new PosternError("busy", message, "End it first with: postern down");
}

function otherKind(gate: string): PosternError {
  return new PosternError(
    "busy",
    `The gate ${gate} is open already, and not for that: one is for a browser that postern up starts, or for one of yours.`,
    "Choose another name, or end everything first with: postern down",
  );
}

function notRunning(): PosternError {
  return new PosternError("no_broker", "The vault is not running.", "Start it with: postern up");
}
