import { readFileSync } from "node:fs";
import fc from "fast-check";

/** One change, in numbers that get their meaning where it is made; so that what fails shrinks to few and small ones. */
export type Change = [kind: number, place: number, what: number];

export const CHANGES: fc.Arbitrary<Change[]> = fc.array(fc.tuple(fc.nat(5), fc.nat(), fc.nat()), { maxLength: 4 });

/** What is kept of fuzzing: things that have undone somebody's reader, or come near a limit of ours. */
export function corpus<T>(name: "texts" | "pieces" | "values" | "names"): T[] {
  const kept: T[] = JSON.parse(readFileSync(new URL(`../corpus/${name}.json`, import.meta.url), "utf8"));
  return kept;
}

export function oneOf<T>(all: readonly T[], number: number): T | undefined {
  return all[number % all.length];
}
