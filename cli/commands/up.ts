import { stat } from "node:fs/promises";
import { confirm, isCancel } from "@clack/prompts";
import ora from "ora";
import { explainSandbox, explainVault } from "../explain.ts";
import { PosternError } from "#protocol/error.ts";
import { type SessionEvent, type Store, type UpResult, isUpResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { OWN_GATE } from "#protocol/names.ts";
import type { Context } from "../context.ts";
import { type DemoStore, ensureDemoStore } from "../demo-store.ts";
import { print, reportWarning, seconds, writeNote, writeText } from "../output.ts";
import { printable } from "../printable.ts";
import { startSession } from "../session-client.ts";
import { noStore } from "../session/own-store.ts";
import { findStores } from "../stores.ts";
import { findSurroundings } from "../surroundings/surroundings.ts";
import type { AskingEnd } from "#wire/ask.ts";
import { ownTerminal } from "../terminal.ts";
import { type Used, summary } from "./up-summary.ts";
import { type Target, displayOf, targetOf } from "./up-target.ts";
import { reportServed, requireNoBrowser } from "./up-vault.ts";

export interface UpOptions {
  store?: string;
  page?: string;
  headless?: true;
  network?: "none" | "internet";
  vault?: true;
  ephemeral?: true;
  rebuild?: true;
  explain?: true;
  json?: true;
}

type Chosen = Used & Partial<Pick<DemoStore, "gnupg">>;

/** Everything from nothing to Firefox's window or, without a display, a filled login; each step told as it is done. */
export async function up(context: Context, words: string[], options: UpOptions): Promise<void> {
  const isJson = options.json === true;
  const target = targetOf(words, options.page);
  if (options.vault === true) requireNoBrowser({ ...options, page: target.page });
  const isHeadless = options.headless === true || options.vault === true;
  const display = isHeadless ? undefined : displayOf(context.environment);
  if (options.explain === true) {
    const stores = await findStores(context, options.store);
    if (options.vault === true) return explainVault(context, stores, isJson);
    const { network = display === undefined ? "none" : "internet", ephemeral = false } = options;
    const explained = { stores, gate: target.gate ?? "default", network, ephemeral, display };
    return await explainSandbox(context, explained, isJson);
  }
  const interrupted = new AbortController();
  // Not once: a listener that is gone while it runs would leave the spinner's alone, which ends the process.
  process.on("SIGINT", () =>
    interrupted.abort(new PosternError("cancelled", "Stopped.", "Start again with: postern up")),
  );
  try {
    await bringUp(context, target, display, options, interrupted.signal);
  } catch (error) {
    // Whatever went wrong first: programs that were started here are interrupted as well.
    interrupted.signal.throwIfAborted();
    throw error;
  }
}

async function bringUp(
  context: Context,
  target: Target,
  display: string | undefined,
  options: UpOptions,
  signal: AbortSignal,
): Promise<void> {
  const isJson = options.json === true;
  const startedAt = performance.now();
  const chosen = await chooseStore(context, options);
  signal.throwIfAborted();
  const steps: Step[] = [];
  const narrator = narrate(context.isInteractive && !isJson, isJson);
  const onEvent = (event: SessionEvent): void => {
    if (event.event === "progress") return narrator.progress(event.text);
    if (event.event === "prompts") return narrator.leaveTerminal();
    if (event.event === "warning") return narrator.warn(event.message, event.hint);
    steps.push({ name: event.name, ms: event.ms });
    narrator.step(event.name, event.ms);
  };
  onEvent({ event: "step", name: chosen.demo ? "demo store" : "store", ms: Math.round(performance.now() - startedAt) });
  const isVault = options.vault === true;
  const gate = target.gate ?? (isVault ? OWN_GATE : chosen.demo ? "demo" : "default");
  const { stores, demo } = chosen;
  const gnupg = chosen.gnupg ?? context.environment.GNUPGHOME;
  const terminal = context.isInteractive ? await ownTerminal(context.environment) : undefined;

  const { headless = false, ephemeral = false, rebuild = false } = options;

  let session: AskingEnd | undefined;
  try {
    session = await startSession(context, onEvent, signal);
    const order = {
      type: isVault ? "serve" : "up",
      gate,
      stores,
      demo,
      ...(isVault ? {} : { headless, ephemeral, rebuild, surroundings: await findSurroundings(context) }),
      ...(display === undefined ? {} : { display }),
      ...(gnupg === undefined ? {} : { gnupg }),
      ...(target.page === undefined ? {} : { page: target.page }),
      ...(options.network === undefined ? {} : { network: options.network }),
      ...(terminal === undefined ? {} : { terminal }),
    };
    const answer = await session.ask(order, { signal });
    narrator.end();
    const { attached } = isVault
      ? reportServed(answer, chosen, steps, isJson)
      : reportUp(answer, chosen, steps, isJson);
    if (attached) await stay(session.closed, signal);
  } finally {
    narrator.end();
    session?.close();
  }
}

type Step = { name: string; ms: number };

function reportUp(answer: object, chosen: Chosen, steps: Step[], isJson: boolean): UpResult {
  const result = parseWith(isUpResult, "up", answer);
  const { engine, route, gate, filled, screenshot, display, page, wasOpen } = result;
  const told = { engine, route, gate, filled, screenshot, display, page, wasOpen, steps };
  print(told, isJson, () => summary(result, chosen));
  return result;
}

/** Told on standard error while it happens on a terminal; the steps themselves on standard output, for people. */
function narrate(isLive: boolean, isSilent: boolean): Narrator {
  const live = isLive ? ora({ text: "Starting", stream: process.stderr, discardStdin: false }).start() : undefined;
  return {
    progress: (text) => {
      if (live !== undefined) live.text = printable(text);
    },
    step: (name, ms) => {
      live?.clear();
      if (!isSilent) writeText(`${name.padEnd(16)} ${seconds(ms).padStart(8)}\n`);
    },
    warn: (message, hint) => {
      live?.clear();
      reportWarning(message, hint);
    },
    leaveTerminal: () => {
      live?.stop();
      writeNote("Filling the page; you may be asked for consent and for your key's passphrase.\n");
    },
    end: () => live?.stop(),
  };
}

interface Narrator {
  progress: (text: string) => void;
  step: (name: string, ms: number) => void;
  warn: (message: string, hint: string) => void;
  leaveTerminal: () => void;
  end: () => void;
}

/** The user's store; or, where there is none, a demo store, offered first where there is someone to ask. */
async function chooseStore(context: Context, options: UpOptions): Promise<Chosen> {
  const { environment, places, isInteractive } = context;
  const stores = await findStores(context, options.store);
  const missing = await firstMissing(stores);
  if (missing === undefined) return { stores, demo: false };
  if (missing.name !== undefined) throw noStore(missing);
  const { path } = missing;
  if (options.store !== undefined) {
    throw new PosternError(
      "store_unavailable",
      `There is no store at ${path}.`,
      "Make one with: pass init YOUR-KEY, or leave --store out.",
    );
  }
  if (isInteractive) {
    const message = `There is no password store at ${path}. Use a demo store with a throw-away key instead?`;
    const answer = await confirm({ message, output: process.stderr });
    if (isCancel(answer) || !answer)
      throw new PosternError("cancelled", "Nothing was started.", "Make a store with: pass init YOUR-KEY");
  } else {
    writeNote(`postern: There is no password store at ${path}; using a demo store with a throw-away key.\n`);
  }
  const { store, gnupg } = await ensureDemoStore(places.data, environment.PATH ?? "/usr/bin:/bin");
  return { stores: [{ path: store }], gnupg, demo: true };
}

async function firstMissing(stores: readonly Store[]): Promise<Store | undefined> {
  for (const store of stores) {
    const found = await stat(store.path).catch(() => undefined);
    if (found?.isDirectory() !== true) return store;
  }
  return undefined;
}

/** Stays on the terminal that consent is asked on, until Ctrl-C or until the session process ends. */
async function stay(closed: AbortSignal, interrupted: AbortSignal): Promise<void> {
  const ended = AbortSignal.any([closed, interrupted]);
  if (!ended.aborted) await new Promise((resolved) => ended.addEventListener("abort", resolved, { once: true }));
}
