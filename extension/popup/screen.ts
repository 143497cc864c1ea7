import type { WireError } from "#protocol/error.ts";
import type { Entry } from "#protocol/messages.ts";
import { type Origin, isLoopback, originParts } from "#protocol/origin.ts";
import { createEntryList } from "./entry-list.ts";
import type { View } from "./orders.ts";
import { part } from "./part.ts";
import { text } from "./text.ts";

type State = "looking" | "entries" | "empty" | "waiting" | "locked" | "problem";

/** What the popup looks like, one state at a time, told to screen readers too. */
export function createScreen(onChoose: (entry: Entry) => void): { show(view: View): void } {
  const list = createEntryList(onChoose);

  function show(view: View): void {
    showProblem(undefined);
    part("lock", HTMLButtonElement).hidden = view.shows === "locked";
    switch (view.shows) {
      case "entries":
        return showEntries(view);
      case "waiting":
        return showWaiting(view.label);
      case "locked":
        return enter("locked", text("locked"));
      case "problem":
        showProblem(view.problem);
        enter("problem", "");
        return part("again", HTMLButtonElement).focus();
    }
  }

  function showEntries({ origin, entries, truncated, problem }: Extract<View, { shows: "entries" }>): void {
    showSite(origin);
    showProblem(problem);
    part("truncated", HTMLParagraphElement).hidden = !truncated;
    if (entries.length === 0) {
      part("no-entries", HTMLParagraphElement).textContent = text("noEntries", origin);
      return enter("empty", text("noEntries", origin));
    }
    const count = entries.length === 1 ? text("oneLogin", origin) : text("loginCount", String(entries.length), origin);
    enter("entries", count);
    list.show(entries);
  }

  return { show };
}

function showWaiting(label: string | undefined): void {
  const told = label === undefined ? text("waiting") : text("waitingFor", label);
  part("waiting-for", HTMLSpanElement).textContent = told;
  enter("waiting", told);
  // Not the button: an Enter held a moment too long would take the question back.
  part("waiting-lead", HTMLParagraphElement).focus();
}

function showProblem(problem: WireError | undefined): void {
  part("problem-message", HTMLParagraphElement).textContent = problem?.message ?? "";
  part("problem-hint", HTMLParagraphElement).textContent = problem?.hint ?? "";
  part("problem", HTMLDivElement).hidden = problem === undefined;
}

function showSite(origin: Origin): void {
  const { scheme, host } = originParts(origin);
  const shown = document.createElement("span");
  shown.className = scheme === "https" || isLoopback(host) ? "scheme" : "scheme insecure";
  shown.textContent = `${scheme}://`;
  part("site", HTMLHeadingElement).replaceChildren(shown, origin.slice(`${scheme}://`.length));
}

function enter(state: State, told: string): void {
  for (const section of document.querySelectorAll<HTMLElement>("section"))
    section.hidden = section.dataset.state?.split(" ").includes(state) !== true;
  part("status", HTMLParagraphElement).textContent = told;
}
