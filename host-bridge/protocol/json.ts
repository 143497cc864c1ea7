import { PosternError } from "./error.ts";

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** Deeper than any message of ours by far. */
const MAX_DEPTH = 32;

/**
 * The bytes of one frame as one JSON object, more strictly than JSON.parse: well-formed UTF-8 and UTF-16,
 * no key twice (RFC 8259 section 4 leaves those to chance), no escape in a key, nesting of at most 32.
 * @throws PosternError `bad_frame`
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const value = parse(decode(bytes));
  if (!isObject(value)) throw badFrame("is not a JSON object");
  return value;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw badFrame("is not UTF-8");
  }
}

function parse(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badFrame("is not one JSON text");
  }
  judgeKeysAndDepth(text);
  return value;
}

/** Walks text that is known to be JSON; so a string right after `{` or after a `,` in an object is a key. */
function judgeKeysAndDepth(text: string): void {
  const objects: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at);
      const keys = objects.at(-1);
      if (keyNext && keys !== undefined) judgeKey(text.slice(at + 1, end), keys);
      else judgeString(text.slice(at, end + 1));
      keyNext = false;
      at = end;
    } else if (character === "{" || character === "[") {
      if (objects.push(character === "{" ? new Set() : undefined) > MAX_DEPTH) throw badFrame("is nested too deep");
      keyNext = character === "{";
    } else if (character === "}" || character === "]") {
      objects.pop();
    } else if (character === ",") {
      keyNext = objects.at(-1) !== undefined;
    }
  }
}

/** V8 may take a key with an escape for one of an earlier text (nodejs/node#63785); and no field of ours needs one. */
function judgeKey(key: string, keys: Set<string>): void {
  if (key.includes("\\")) throw badFrame("has an escape in a key");
  if (keys.has(key)) throw badFrame("has a key twice");
  keys.add(key);
}

/** Half a pair can only come from an escape: the bytes were well-formed. */
function judgeString(literal: string): void {
  if (!literal.includes("\\u")) return;
  const content: string = JSON.parse(literal);
  if (!content.isWellFormed()) throw badFrame("holds half a surrogate pair");
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

function badFrame(what: string): PosternError {
  return new PosternError("bad_frame", `The frame ${what}.`);
}
