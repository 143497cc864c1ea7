import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { printable } from "../printable.ts";

/** What a line of the log may hold; all of it is optional to a reader. */
type Line = Partial<Record<"time" | "gate" | "type" | "origin" | "entry" | "decision" | "reason", unknown>>;

export async function log({ places }: Context, options: { lines: string; json?: true }): Promise<void> {
  const count = Number(options.lines);
  if (!Number.isInteger(count) || count < 1) {
    throw new PosternError("bad_message", "--lines takes a whole number from 1 on.", "For example: postern log -n 20");
  }
  const lines = (await readLog(join(places.log, "audit.jsonl"))).split("\n").filter((line) => line !== "");
  const wanted = lines.slice(-count);
  if (options.json === true) process.stdout.write(wanted.map((line) => `${line}\n`).join(""));
  else if (wanted.length === 0) process.stdout.write("Nothing was asked yet.\n");
  else process.stdout.write(wanted.map((line) => asText(line)).join(""));
}

async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new PosternError("internal", `The log ${path} can not be read.`, "Look at its owner and mode.");
  }
}

function asText(text: string): string {
  const line = tryJson(text);
  // A line that a crash cut off is shown as far as it goes.
  if (line === undefined) return `${printable(text)}\n`;
  const { time, gate, type, origin, entry, decision, reason } = line;
  const about = [origin, entry]
    .filter((value) => value !== undefined)
    .map(String)
    .join(" ← ");
  const shown = `${String(time)}  ${String(gate)}  ${String(type)} ${String(decision)}: ${String(reason)}  ${about}`;
  return `${printable(shown)}\n`;
}

function tryJson(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
