import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { createLogReader } from "../log/log-reader.ts";
import { print, writeText } from "../output.ts";
import { printable } from "../printable.ts";

export interface LogOptions {
  lines: string;
  follow?: true;
  json?: true;
}

/** What a line of the log may hold; all of it is optional to a reader. */
type Line = Partial<Record<"time" | "gate" | "type" | "origin" | "entry" | "decision" | "reason" | "count", unknown>>;

/** What was rotated out of the log, the oldest first. */
const FORMER = ["audit.kept.jsonl", "audit.1.jsonl"];

/** How often what follows is looked for, in milliseconds. */
const LOOK_EVERY = 250;

/** Shows the last decisions and, when it is to follow, every later one until it is ended. */
export async function log({ places, uid }: Context, { lines, follow, json }: LogOptions): Promise<void> {
  const count = Number(lines);
  if (!Number.isInteger(count) || count < 1) {
    throw new PosternError("bad_message", "--lines takes a whole number from 1 on.", "For example: postern log -n 20");
  }
  // The vault may have written what is no JSON at all.
  const write = (line: string): void => print(tryJson(line) ?? { unreadable: line }, json === true, () => asText(line));
  const last: string[] = [];
  const add = (line: string): void => {
    last.push(line);
    if (last.length > count) last.shift();
  };
  for (const name of FORMER) {
    await using former = createLogReader(join(places.log, name), uid);
    for await (const line of former.news()) add(line);
  }
  await using reader = createLogReader(join(places.log, "audit.jsonl"), uid);
  for await (const line of reader.news()) add(line);
  // A line that a crash cut off is shown as far as it goes; the end of one that is being written comes.
  if (follow !== true && reader.rest() !== "") last.push(reader.rest());
  for (const line of last.slice(-count)) write(line);
  if (follow !== true && json !== true && last.length === 0) writeText("Nothing was asked yet.\n");
  if (follow !== true) return;
  while (true) {
    await wait(LOOK_EVERY);
    for await (const line of reader.news()) write(line);
  }
}

function asText(text: string): string {
  const line = tryJson(text);
  if (line === undefined) return `${printable(text)}\n`;
  const { time, gate, type, origin, entry, decision, reason, count } = line;
  const about = [origin, entry]
    .filter((value) => value !== undefined)
    .map(String)
    .join(" ← ");
  const times = typeof count === "number" ? `, ${count} more` : "";
  const shown = `${String(time)}  ${String(gate)}  ${String(type)} ${String(decision)}: ${String(reason)}${times}  ${about}`;
  return `${printable(shown)}\n`;
}

/** Undefined also for one with more in it than words, numbers and lists of them: it may be nested too deep to be printed. */
function tryJson(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== "object" || value === null) return undefined;
    const isPlain = (part: unknown): boolean => typeof part !== "object";
    const isFlat = Object.values(value).every((part) => (Array.isArray(part) ? part.every(isPlain) : isPlain(part)));
    return isFlat ? value : undefined;
  } catch {
    return undefined;
  }
}
