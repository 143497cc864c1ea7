import { PosternError } from "#protocol/error.ts";
import type { EntryResult } from "#protocol/messages.ts";
import { originParts } from "#protocol/origin.ts";
import { foldCompanions, siteOfFile } from "./companions.ts";
import type { ConsentAgent } from "./consent-agent.ts";
import type { ConsentQueue } from "./consent-queue.ts";
import type { EntryName } from "./entry-name.ts";
import type { HeldEntry, Handles, Page } from "./handles.ts";
import type { Limits } from "./limits.ts";
import { type GatePolicy, isVisible, mayOffer, shownAs } from "./policy.ts";

interface Effects {
  gate: string;
  policy: () => GatePolicy;
  limits: Limits;
  consent: ConsentQueue;
  /** Every name in the store, once all of it has been read. */
  names: () => Promise<ReadonlySet<EntryName>>;
  choose: ConsentAgent["choose"];
}

/**
 * Lets a person choose among all that the gate sees. The browser learns of the chosen one alone, and what it wants of
 * it is asked about as ever.
 * @param record logs the chosen entry's name
 * @throws PosternError every code that `pick` may answer
 */
export type PickEntry = (
  page: Page,
  handles: Handles,
  signal: AbortSignal,
  record: (entry: string) => Promise<void>,
) => Promise<EntryResult>;

export function createPick({ gate, policy, limits, consent, names, choose }: Effects): PickEntry {
  return async function pick(page, handles, signal, record) {
    limits.countPick();
    const parts = originParts(page.origin);
    const seen = [...(await names())].filter((name) => isVisible(policy(), name));
    const entries = foldNames(seen).filter((entry) => mayOffer(policy(), parts, entry));
    if (entries.length === 0) throw nothing();
    const { origin, topOrigin } = page;
    const question = { gate, origin, ...(topOrigin === undefined ? {} : { topOrigin }) };
    const shown = entries.map(({ name }) => name);
    const about = { kind: "pick", ...question };
    const { place } = await consent.inTurn(about, (withdrawn) => choose(question, shown, withdrawn), signal);
    const entry = entries[place];
    if (entry === undefined) throw new PosternError("internal", "What was chosen was not in the list.");
    await record(entry.name);
    signal.throwIfAborted();
    const handle = handles.mint({ ...page, entry, match: "picked" });
    return { entry: { handle, ...shownAs(policy(), entry, 1), match: "picked" } };
  };
}

/** By name. Those without a site as well, which no page finds by itself. */
function foldNames(names: readonly EntryName[]): HeldEntry[] {
  const entries = names.map((name): HeldEntry => ({ name, ...siteOfFile(name) }));
  return foldCompanions(entries).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function nothing(): PosternError {
  return new PosternError(
    "denied",
    "There is no entry that this page could have.",
    "See what the gate may see, in config.toml.",
  );
}
