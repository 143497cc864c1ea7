import { mayLast } from "./policy.ts";

/** What a yes was given for. */
export interface GrantKey {
  gate: string;
  entry: string;
  origin: string;
  topOrigin: string | undefined;
}

export interface Grants {
  /** The fields that nobody has said a lasting yes to. */
  uncovered(key: GrantKey, fields: readonly string[]): string[];
  /** A yes that lasts, for those of the fields that may. */
  allow(key: GrantKey, fields: readonly string[], minutes: number): void;
  /** Ends every yes of a gate, or of all. */
  forget(gate?: string): void;
  /** Changes with each `forget`: what was released under another generation is no longer. */
  generation(): number;
  count(gate: string): number;
}

interface Grant {
  gate: string;
  /** Field → when the yes ends. */
  until: Map<string, number>;
}

/** Lasting answers, in memory alone: they never outlive the broker. @param now milliseconds, monotonic */
export function createGrants(now: () => number): Grants {
  const grants = new Map<string, Grant>();
  let generation = 0;

  function uncovered(key: GrantKey, fields: readonly string[]): string[] {
    const grant = grants.get(textOf(key));
    return fields.filter((field) => !mayLast(field) || (grant?.until.get(field) ?? -1) <= now());
  }

  function allow(key: GrantKey, fields: readonly string[], minutes: number): void {
    const grant = grants.get(textOf(key)) ?? { gate: key.gate, until: new Map<string, number>() };
    for (const field of fields.filter(mayLast)) grant.until.set(field, now() + minutes * 60_000);
    grants.set(textOf(key), grant);
  }

  function forget(gate?: string): void {
    generation += 1;
    for (const [key, grant] of grants) if (gate === undefined || grant.gate === gate) grants.delete(key);
  }

  function count(gate: string): number {
    const isAlive = (grant: Grant): boolean => [...grant.until.values()].some((until) => until > now());
    return [...grants.values()].filter((grant) => grant.gate === gate && isAlive(grant)).length;
  }

  return { uncovered, allow, forget, generation: () => generation, count };
}

function textOf(key: GrantKey): string {
  return JSON.stringify([key.gate, key.entry, key.origin, key.topOrigin ?? null]);
}
