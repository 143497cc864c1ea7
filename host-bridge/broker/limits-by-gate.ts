import { join } from "node:path";
import { isLookups } from "#protocol/generated/state.ts";
import { type Audit, report } from "./audit.ts";
import type { ConsentAgent } from "./consent-agent.ts";
import type { ConsentQueue } from "./consent-queue.ts";
import type { Counted } from "./counted-lookups.ts";
import { type Limits, openLimits } from "./limits.ts";
import type { Settings } from "./settings.ts";
import { stateFile } from "./state-file.ts";

interface Effects {
  settings: Settings;
  consent: ConsentQueue;
  agent: ConsentAgent;
  audit: Audit;
  /** The broker's state directory. */
  state: string;
  /** Milliseconds since the epoch, by a clock that never goes back. */
  now: () => number;
}

const NAMES: Record<Counted, string> = {
  domains: "sites",
  hosts: "hosts of one site",
  answers: "hosts with an entry",
};

/** The limits of every gate. They outlive it: closing and opening it is no way to more. */
export interface LimitsByGate {
  of(gate: string): Promise<Limits>;
  /** Forgets what was said no to, of one gate or of all. */
  askAgain(gate?: string): void;
}

export function createLimitsByGate(effects: Effects): LimitsByGate {
  const { settings, consent, agent, audit, state, now } = effects;
  const opened = new Map<string, Limits>();

  async function of(gate: string): Promise<Limits> {
    const known = opened.get(gate);
    if (known !== undefined) return known;
    const limits = await openLimits({
      gate,
      policy: () => settings.policyOf(gate),
      ask: (question, signal) => consent.request(question, () => false, signal),
      file: stateFile(join(state, `lookups-${gate}.json`), isLookups, {
        approved: { domains: [], hosts: [] },
        domains: {},
        hosts: {},
        answers: {},
      }),
      onUnknown: () => report(audit, { gate, type: "limit", reason: "what was looked up before can not be read" }),
      onFull: (counted, span) => {
        report(audit, {
          gate,
          type: "limit",
          reason: `as many ${NAMES[counted]} were looked up as may be in a ${span}`,
        });
        void agent.notify(gate, "limit");
      },
      now,
    });
    opened.set(gate, limits);
    return limits;
  }

  function askAgain(gate?: string): void {
    for (const [name, limits] of opened) if (gate === undefined || name === gate) limits.askAgain();
  }

  return { of, askAgain };
}
