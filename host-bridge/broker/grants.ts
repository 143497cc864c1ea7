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
  /** Changes with each `forget` that is about the gate: what was released under another generation is no longer. */
  generation(gate: string): number;
  /** What is in force, of a gate or of all. */
  list(gate?: string): Standing[];
}

/** A yes that is in force. */
export interface Standing extends GrantKey {
  fields: string[];
  /** On the clock of the grants. */
  until: number;
}

interface Grant {
  key: GrantKey;
  /** Field → when the yes ends. */
  until: Map<string, number>;
}

/** Lasting answers, in memory alone: they never outlive the broker. @param now milliseconds of a clock that never goes back */
export function createGrants(now: () => number): Grants {
  const grants = new Map<string, Grant>();
  const generations = new Map<string, number>();
  let generationOfAll = 0;

  function uncovered(key: GrantKey, fields: readonly string[]): string[] {
    const grant = grants.get(textOf(key));
    const time = now();
    return fields.filter((field) => !mayLast(field) || (grant?.until.get(field) ?? -1) <= time);
  }

  function allow(key: GrantKey, fields: readonly string[], minutes: number): void {
    const grant = grants.get(textOf(key)) ?? { key, until: new Map<string, number>() };
    const end = now() + minutes * 60_000;
    for (const field of fields.filter(mayLast)) grant.until.set(field, end);
    grants.set(textOf(key), grant);
  }

  function forget(gate?: string): void {
    if (gate === undefined) generationOfAll += 1;
    else generations.set(gate, (generations.get(gate) ?? 0) + 1);
    for (const [text, { key }] of grants) if (gate === undefined || key.gate === gate) grants.delete(text);
  }

  function list(gate?: string): Standing[] {
    return [...grants.values()]
      .filter(({ key }) => gate === undefined || key.gate === gate)
      .flatMap(({ key, until }) => standing(key, until))
      .filter(({ until }) => until > now());
  }

  const generation = (gate: string): number => generationOfAll + (generations.get(gate) ?? 0);

  return { uncovered, allow, forget, generation, list };
}

/** One for each time that fields end at together: a later yes may have added some. */
function standing(key: GrantKey, until: ReadonlyMap<string, number>): Standing[] {
  const fieldsOf = Map.groupBy(until.keys(), (field) => until.get(field) ?? 0);
  return [...fieldsOf].map(([end, fields]) => ({ ...key, fields, until: end }));
}

function textOf(key: GrantKey): string {
  return JSON.stringify([key.gate, key.entry, key.origin, key.topOrigin ?? null]);
}
