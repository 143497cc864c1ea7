import type { WireError } from "#protocol/error.ts";
import type { Entry } from "#protocol/messages.ts";
import { type Origin, parseOrigin } from "#protocol/origin.ts";
import type { Choice } from "../native/get-login.ts";
import type { Outcome } from "../page/fill-jobs.ts";

/** What the popup can ask of the background, and what each is answered with. */
export type PopupOrder =
  | { type: "view"; tab: number }
  | { type: "fill"; tab: number; choice: Choice; origin: Origin }
  | { type: "pick"; tab: number; origin: Origin }
  | { type: "outcome"; tab: number }
  | { type: "cancel"; tab: number }
  | { type: "lock"; tab: number };

export interface PopupAnswers {
  view: View;
  fill: Outcome;
  pick: Outcome;
  /** Of the fill that is running; undefined when none is. */
  outcome: Outcome | undefined;
  cancel: undefined;
  lock: View;
}

/** What there is to see for a tab. */
export type View =
  | { shows: "entries"; origin: Origin; entries: Entry[]; truncated: boolean; problem?: WireError }
  | { shows: "waiting"; label: string | undefined }
  | { shows: "locked" }
  | { shows: "problem"; problem: WireError };

/** Sent to an open popup when what it shows may have changed. */
export const CHANGED = { type: "changed" } as const;

/** @throws TypeError, PosternError `bad_message` when it is no order */
export function parsePopupOrder(value: unknown): PopupOrder {
  const { type, tab, choice, origin } = properties(value);
  if (typeof tab !== "number") throw noOrder();
  switch (type) {
    case "view":
    case "outcome":
    case "cancel":
    case "lock":
      return { type, tab };
    case "fill":
      return { type, tab, choice: parseChoice(choice), origin: parseOrigin(String(origin)) };
    case "pick":
      return { type, tab, origin: parseOrigin(String(origin)) };
    default:
      throw noOrder();
  }
}

function parseChoice(value: unknown): Choice {
  const { handle, label, username } = properties(value);
  if (typeof handle !== "string" || typeof label !== "string") throw noOrder();
  return { handle, label, ...(typeof username === "string" ? { username } : {}) };
}

function properties(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function noOrder(): TypeError {
  return new TypeError("This is no order of the popup's.");
}
