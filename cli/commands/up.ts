import { stat } from "node:fs/promises";
import { confirm, isCancel } from "@clack/prompts";
import ora from "ora";
import { explainSandbox, explainVault } from "../explain.ts";
import { PosternError } from "#protocol/error.ts";
import { type SessionEvent, type UpResult, isGateName, isUpResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { OWN_GATE } from "#protocol/names.ts";
import type { Context } from "../context.ts";
import { type DemoStore, ensureDemoStore } from "../demo-store.ts";
import { print, reportWarning, seconds } from "../output.ts";
import { age } from "./status.ts";
import { startSession } from "../session-client.ts";
import { storePath } from "../store-path.ts";
import { findSurroundings } from "../surroundings/surroundings.ts";
import type { AskingEnd } from "#wire/ask.ts";
import { ownTerminal } from "../terminal.ts";
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

interface Chosen extends Partial<DemoStore> {
  store: string;
  demo: boolean;
}

/** Everything from nothing to a filled login, each step told as it is done. */
export async function up(context: Context, gateName: string | undefined, options: UpOptions): Promise<void> {
  const isJson = options.json === true;
  if (options.page !== undefined) requirePage(options.page);
  if (gateName !== undefined) requireGateName(gateName);
  if (options.vault === true) requireNoBrowser(options);
  if (options.explain === true) {
    const store = storePath(context, options.store);
    if (options.vault === true) return explainVault(context, store, isJson);
    const { network = "none", ephemeral = false } = options;
    return await explainSandbox(context, { store, gate: gateName ?? "default", network, ephemeral }, isJson);
  }
  const interrupted = new AbortController();
  // Not once: a listener that is gone while it runs would leave the spinner's alone, which ends the process.
  process.on("SIGINT", () =>
    interrupted.abort(new PosternError("cancelled", "Stopped.", "Start again with: postern up")),
  );
  try {
    await bringUp(context, gateName, options, interrupted.signal);
  } catch (error) {
    // Whatever went wrong first: programs that were started here are interrupted as well.
    interrupted.signal.throwIfAborted();
    throw error;
  }
}

async function bringUp(
  context: Context,
  gateName: string | undefined,
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
  const gate = gateName ?? (isVault ? OWN_GATE : chosen.demo ? "demo" : "default");
  const { store, demo } = chosen;
  const gnupg = chosen.gnupg ?? context.environment.GNUPGHOME;
  const terminal = context.isInteractive ? await ownTerminal(context.environment) : undefined;

  const { headless = false, ephemeral = false, rebuild = false } = options;

  let session: AskingEnd | undefined;
  try {
    session = await startSession(context, onEvent, signal);
    const order = {
      type: isVault ? "serve" : "up",
      gate,
      store,
      demo,
      ...(isVault ? {} : { headless, ephemeral, rebuild, surroundings: await findSurroundings(context) }),
      ...(gnupg === undefined ? {} : { gnupg }),
      ...(options.page === undefined ? {} : { page: options.page }),
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
  const { engine, route, gate, filled, screenshot, packages } = result;
  print({ engine, route, gate, filled, screenshot, packages, steps }, isJson, () => summary(result, chosen));
  return result;
}

/** Told on standard error while it happens on a terminal; the steps themselves on standard output, for people. */
function narrate(isLive: boolean, isSilent: boolean): Narrator {
  const live = isLive ? ora({ text: "Starting", stream: process.stderr, discardStdin: false }).start() : undefined;
  return {
    progress: (text) => {
      if (live !== undefined) live.text = text;
    },
    step: (name, ms) => {
      live?.clear();
      if (!isSilent) process.stdout.write(`${name.padEnd(16)} ${seconds(ms).padStart(8)}\n`);
    },
    warn: (message, hint) => {
      live?.clear();
      reportWarning(message, hint);
    },
    leaveTerminal: () => {
      live?.stop();
      process.stderr.write("Filling the page; you may be asked for consent and for your key's passphrase.\n");
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
  const store = storePath(context, options.store);
  if (await isDirectory(store)) return { store, demo: false };
  if (options.store !== undefined) {
    throw new PosternError(
      "store_unavailable",
      `There is no store at ${store}.`,
      "Make one with: pass init YOUR-KEY, or leave --store out.",
    );
  }
  if (isInteractive) {
    const message = `There is no password store at ${store}. Use a demo store with a throw-away key instead?`;
    const answer = await confirm({ message, output: process.stderr });
    if (isCancel(answer) || !answer)
      throw new PosternError("cancelled", "Nothing was started.", "Make a store with: pass init YOUR-KEY");
  } else {
    process.stderr.write(
      `postern: There is no password store at ${store}; using a demo store with a throw-away key.\n`,
    );
  }
  const demo = await ensureDemoStore(places.data, environment.PATH ?? "/usr/bin:/bin");
  return { ...demo, demo: true };
}

function requireGateName(name: string): void {
  const isSound: boolean = isGateName(name);
  if (isSound) return;
  throw new PosternError(
    "bad_message",
    `${name} can not be a gate's name.`,
    "Use at most 32 lower-case letters, digits and hyphens, for example: postern up work",
  );
}

function requirePage(page: string): void {
  const isPage = URL.canParse(page) && /^https?:$/.test(new URL(page).protocol);
  if (!isPage)
    throw new PosternError(
      "bad_message",
      `--page ${page} is no http or https address.`,
      "For example: --page https://example.org/login",
    );
}

async function isDirectory(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function summary({ gate, filled, screenshot, packages, attached }: UpResult, { store, demo }: Chosen): string {
  return [
    "",
    `Filled ${filled.join(" and ")} in the page, from ${store}.`,
    ...(demo ? ["This is the demo store: its gate asks nobody. A store of yours always asks you first."] : []),
    `Screenshot: ${screenshot}`,
    `The browser's image: ${age(packages)}.`,
    attached
      ? `The gate ${gate} is open and asks for consent on this terminal. Ctrl-C ends it.`
      : `The gate ${gate} is open. See it with: postern status. End it with: postern down`,
    "",
  ].join("\n");
}

/** Stays on the terminal that consent is asked on, until Ctrl-C or until the session process ends. */
async function stay(closed: AbortSignal, interrupted: AbortSignal): Promise<void> {
  const ended = AbortSignal.any([closed, interrupted]);
  if (!ended.aborted) await new Promise((resolved) => ended.addEventListener("abort", resolved, { once: true }));
}
