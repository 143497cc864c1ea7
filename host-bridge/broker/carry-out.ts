import { PosternError } from "#protocol/error.ts";
import type { BrokerOrder, BrokerStatusResult, Grant } from "#protocol/generated/control.ts";
import { VERSION } from "#protocol/names.ts";
import type { Audit } from "./audit.ts";
import type { Gate } from "./gate.ts";
import type { Grants, Standing } from "./grants.ts";

interface Effects {
  /** Those that are open, by their names. */
  gates: ReadonlyMap<string, Gate>;
  grants: Grants;
  audit: Audit;
  /** Of one gate, or of all. */
  lock: (gate?: string) => void;
  unlock: (gate?: string) => void;
  open: (gate: string) => Promise<void>;
  close: (gate: string) => Promise<void>;
  reload: () => Promise<void>;
  /** How many entries the store has. */
  entries: () => number;
  /** Milliseconds, of the grants' clock. */
  now: () => number;
}

/**
 * What the session process may order.
 * @throws PosternError `bad_message` for a gate that is not open
 */
export function createCarryOut(effects: Effects): (order: BrokerOrder) => Promise<object> {
  const { gates, grants, audit, lock, unlock, open, close, reload, entries, now } = effects;

  return async function carryOut(order) {
    switch (order.type) {
      case "status":
        return status();
      case "lock":
        lock(opened(order.gate));
        note(order);
        return {};
      case "unlock":
        unlock(opened(order.gate));
        note(order);
        return {};
      case "grants":
        return { grants: grants.list(opened(order.gate)).map(shown) };
      case "revoke": {
        const revoked = grants.list(opened(order.gate)).length;
        grants.forget(order.gate);
        note(order);
        return { revoked };
      }
      case "reload":
        await reload();
        return {};
      case "openGate":
        await open(order.gate);
        return {};
      case "closeGate":
        await close(order.gate);
        return {};
    }
  };

  /** An order about a gate that nobody opened is a slip, and not one to be carried out in silence. */
  function opened(gate: string | undefined): string | undefined {
    if (gate === undefined || gates.has(gate)) return gate;
    throw new PosternError("bad_message", `No gate ${gate} is open.`, "See which there are with: postern status");
  }

  /** A lock that ended is explained by the log; but it ends on a full disk as well. */
  function note({ type, gate = "" }: { type: string; gate?: string }): void {
    const reason = "ordered from outside the sandbox";
    audit.record({ gate, type, decision: "allowed", reason }).catch(() => undefined);
  }

  function shown({ topOrigin, until, ...standing }: Standing): Grant {
    const end = new Date(Date.now() + until - now()).toISOString();
    return { ...standing, ...(topOrigin === undefined ? {} : { topOrigin }), until: end };
  }

  function status(): BrokerStatusResult {
    return {
      version: VERSION,
      entries: entries(),
      gates: [...gates.values()].map((gate) => ({
        gate: gate.name,
        state: gate.state(),
        connections: gate.connections(),
        grants: grants.list(gate.name).length,
      })),
    };
  }
}
