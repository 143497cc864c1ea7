import { PosternError } from "#protocol/error.ts";
import { type ServeResult, isServeResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import { OWN_GATE } from "#protocol/names.ts";
import { print } from "../output.ts";
import { storesText } from "../stores.ts";
import type { Used } from "./up-summary.ts";

/** @throws PosternError `bad_message` when an option is about a browser that `up --vault` does not start */
export function requireNoBrowser(
  options: Partial<Record<"page" | "headless" | "network" | "ephemeral" | "rebuild", string | true | undefined>>,
): void {
  const names = ["page", "headless", "network", "ephemeral", "rebuild"] as const;
  const about = names.find((name) => options[name] !== undefined);
  if (about === undefined) return;
  throw new PosternError(
    "bad_message",
    `--vault starts no browser, and --${about} is about one.`,
    "Leave one of the two out: postern up --vault",
  );
}

/** Tells what `up --vault` did. */
export function reportServed(
  answer: object,
  { stores, demo }: Used,
  steps: readonly { name: string; ms: number }[],
  isJson: boolean,
): ServeResult {
  const result = parseWith(isServeResult, "up --vault", answer);
  const { engine, route, gate, attached } = result;
  print({ engine, route, gate, steps }, isJson, () =>
    [
      "",
      `The vault serves ${storesText(stores)}.`,
      ...(demo ? ["This is the demo store: its gate asks nobody. A store of yours always asks you first."] : []),
      ...(gate === OWN_GATE
        ? ["Browsers of your own session reach it when Postern is set up in them: postern install"]
        : []),
      attached
        ? `The gate ${gate} is open and asks for consent on this terminal. Ctrl-C ends it.`
        : `The gate ${gate} is open. See it with: postern status. End it with: postern down`,
      "",
    ].join("\n"),
  );
  return result;
}
