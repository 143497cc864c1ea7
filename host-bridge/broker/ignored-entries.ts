import { constants, unwatchFile, watchFile } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { createIgnored } from "./ignore-rules.ts";

export interface IgnoredEntries {
  /** Of an entry by its name in the store. */
  has(name: string): boolean;
}

interface Options {
  /** Aborted: the file is no longer looked at. */
  signal: AbortSignal;
  onChange: () => void;
  /** It can not be understood: what was in force stays so. */
  onUnreadable: () => void;
}

const LOOK_EVERY = 1_000;
const MAX_BYTES = 64 * 1024;
/** Of all lines together: each is tried on every entry. */
const MAX_CHARACTERS = 4_096;
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW;

/**
 * The entries that `ignore` in the store's `.browserpass.json` has tools leave out. Nothing else of that file is looked
 * at: a store that names the gpg to run is not obeyed.
 */
export async function openIgnored(storeRoot: string, options: Options): Promise<IgnoredEntries> {
  const path = join(storeRoot, ".browserpass.json");
  let isIgnored = createIgnored([]);

  async function read(): Promise<void> {
    try {
      isIgnored = createIgnored(linesOf(await readSmall(path)));
    } catch {
      options.onUnreadable();
    }
  }

  await read();
  watchFile(path, { persistent: false, interval: LOOK_EVERY }, () => void read().then(options.onChange));
  options.signal.addEventListener("abort", () => unwatchFile(path));
  return { has: (name) => isIgnored(`${name}.gpg`) };
}

/** Undefined where there is no such file. */
async function readSmall(path: string): Promise<string | undefined> {
  const file = await open(path, FLAGS).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  await using opened = file;
  const found = await opened.stat();
  if (!found.isFile() || found.size > MAX_BYTES) throw new Error("not a small file");
  return await opened.readFile("utf8");
}

function linesOf(json: string | undefined): string[] {
  const value: unknown = json === undefined ? {} : JSON.parse(json);
  if (typeof value !== "object" || value === null || !("ignore" in value)) return [];
  const texts: unknown[] = Array.isArray(value.ignore) ? value.ignore : [value.ignore];
  const lines = texts.flatMap((text) => (typeof text === "string" ? text.split(/\r?\n/) : []));
  if (lines.join("\n").length > MAX_CHARACTERS) throw new Error("more than a person would write");
  return lines;
}
