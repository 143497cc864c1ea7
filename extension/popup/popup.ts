// The popup of the toolbar button. It shows what the background tells and sends it the person's choice; a login never
// comes here. Opened as a page with `?tab=ID` it works on that tab.
import browser from "webextension-polyfill";
import type { WireError } from "#protocol/error.ts";
import type { Outcome } from "../page/fill-jobs.ts";
import { CHANGED, type PopupAnswers, type PopupOrder, type View } from "./orders.ts";
import { part } from "./part.ts";
import { createScreen } from "./screen.ts";
import { putTexts } from "./text.ts";

putTexts();
void tabInQuestion().then(start);

async function start(tab: number): Promise<void> {
  let view: View | undefined;
  let problem: WireError | undefined;
  /** Counts what was shown and asked for: an answer that something else has overtaken is not shown. */
  let turn = 0;
  const screen = createScreen((entry) => {
    if (view?.shows !== "entries") return;
    const { origin } = view;
    problem = undefined;
    show({ shows: "waiting", label: entry.label });
    void ask({ type: "fill", tab, choice: entry, origin }).then(finish);
  });

  part("pick", HTMLButtonElement).addEventListener("click", pick);
  // Before the list takes it for its own Enter.
  window.addEventListener("keydown", onKey, { capture: true });
  part("lock", HTMLButtonElement).addEventListener("click", () => void ask({ type: "lock", tab }).then(show));
  part("cancel", HTMLButtonElement).addEventListener("click", () => void ask({ type: "cancel", tab }));
  part("again", HTMLButtonElement).addEventListener("click", () => void look());
  browser.runtime.onMessage.addListener((message: unknown) => {
    if (isChange(message) && view?.shows !== "waiting") void look();
    return undefined;
  });
  await look();

  function onKey(event: KeyboardEvent): void {
    if (event.key !== "Enter" || !event.ctrlKey || event.repeat || view?.shows !== "entries") return;
    event.preventDefault();
    event.stopPropagation();
    pick();
  }

  function pick(): void {
    if (view?.shows !== "entries") return;
    const { origin } = view;
    problem = undefined;
    show({ shows: "waiting", label: undefined });
    void ask({ type: "pick", tab, origin }).then(finish);
  }

  async function look(): Promise<void> {
    const asked = ++turn;
    const found = await ask({ type: "view", tab });
    // Told once by the background, and kept here while the list changes below it.
    problem = found.shows === "entries" ? (found.problem ?? problem) : undefined;
    if (asked !== turn) return;
    show(found.shows === "entries" && problem !== undefined ? { ...found, problem } : found);
    if (found.shows === "waiting") await finish(await ask({ type: "outcome", tab }));
  }

  function show(next: View): void {
    turn += 1;
    view = next;
    screen.show(next);
  }

  /** The login is filled, or not: the popup goes, or says why not. */
  async function finish(outcome: Outcome | undefined): Promise<void> {
    if (outcome === undefined || "problem" in outcome) return await look();
    window.close();
  }
}

async function ask<T extends PopupOrder["type"]>(order: PopupOrder & { type: T }): Promise<PopupAnswers[T]> {
  return await browser.runtime.sendMessage(order);
}

async function tabInQuestion(): Promise<number> {
  const asked = new URLSearchParams(location.search).get("tab");
  if (asked !== null) return Number(asked);
  const [active] = await browser.tabs.query({ active: true, currentWindow: true });
  return active?.id ?? browser.tabs.TAB_ID_NONE;
}

function isChange(message: unknown): boolean {
  return typeof message === "object" && message !== null && Reflect.get(message, "type") === CHANGED.type;
}
