import { isUtf8 } from "node:buffer";

/** A frame's content by the protocol's words, told by what is left of it after JSON.parse: a second opinion. */
export function isSoundText(content: Uint8Array, maxDepth: number): boolean {
  if (!isUtf8(content)) return false;
  const text = Buffer.from(content).toString();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  if (!isHolder(value) || Array.isArray(value)) return false;
  const holders = holdersIn(value);
  const keys = holders.flatMap((holder) => (Array.isArray(holder) ? [] : Object.keys(holder)));
  const strings = holders.flatMap((holder) => Object.values(holder)).filter((inner) => typeof inner === "string");
  // Only a colon tells a name from another string; of members of the same name one is left.
  const names = (text.match(/"(?:[^"\\]|\\.)*"\s*:?/g) ?? []).filter((literal) => literal.endsWith(":"));
  return (
    depthOf(value) <= maxDepth &&
    strings.every((string) => string.isWellFormed()) &&
    names.length === keys.length &&
    names.every((name) => !name.includes("\\"))
  );
}

function isHolder(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function holdersIn(value: object): object[] {
  return [value, ...Object.values(value).filter(isHolder).flatMap(holdersIn)];
}

function depthOf(value: object): number {
  return 1 + Math.max(0, ...Object.values(value).filter(isHolder).map(depthOf));
}
