import fc from "fast-check";
import { CHANGES, type Change, corpus, oneOf } from "./changes.ts";

/** Of either side of the limits that texts have. */
const LENGTHS = [64, 65, 256, 257, 275, 276, 1025];
const VALUES = [
  ...corpus<unknown>("values"),
  ...LENGTHS.flatMap((length) => ["a".repeat(length), "😀".repeat(length)]),
];
const NAMES = corpus<string>("names");

/** One of the values, with up to four changes to it, as JSON: a field out, added or with another value, at any depth. */
export function mutatedJson(values: fc.Arbitrary<unknown>): fc.Arbitrary<string> {
  return fc.tuple(values, CHANGES).map(([value, changes]) => changes.reduce(changed, JSON.stringify(value)));
}

function changed(text: string, [kind, place, what]: Change): string {
  const value: unknown = JSON.parse(text);
  const fresh = oneOf(VALUES, what);
  const holders = objectsIn(value);
  const holder = oneOf(holders, place);
  if (Array.isArray(holder)) {
    holder.splice(place % (holder.length + 1), kind % 2, ...(kind < 3 ? [fresh] : []));
  } else if (holder !== undefined) {
    const key = oneOf(kind === 1 ? NAMES : Object.keys(holder), what >> 8) ?? "";
    if (kind === 0) Reflect.deleteProperty(holder, key);
    // Own, also where it is __proto__, as JSON.parse makes it.
    else Object.defineProperty(holder, key, { ...PLAIN, value: fresh });
  }
  return JSON.stringify(value);
}

const PLAIN = { enumerable: true, configurable: true, writable: true };

function objectsIn(value: unknown): object[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}
