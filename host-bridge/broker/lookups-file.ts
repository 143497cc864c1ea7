import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Lookups, isLookups } from "#protocol/generated/state.ts";

export interface LookupsFile {
  /** What an earlier broker wrote; undefined when it can not be told. */
  read(): Promise<Lookups | undefined>;
  /** Resolves when this is written, or what came later: whole or not at all. Those that come meanwhile share a writing. */
  write(kept: Lookups): Promise<void>;
}

/** `lookups-GATE.json` in the broker's state directory, mode 0600. */
export function lookupsFile(directory: string, gate: string): LookupsFile {
  const path = join(directory, `lookups-${gate}.json`);
  const unfinished = `${path}.tmp`;
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  let latest: Lookups | undefined;

  async function read(): Promise<Lookups | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(path, "utf8"));
      return isLookups(value) ? value : undefined;
    } catch (error) {
      const isNone = error instanceof Error && "code" in error && error.code === "ENOENT";
      return isNone ? { approved: [], seen: {} } : undefined;
    }
  }

  function write(kept: Lookups): Promise<void> {
    latest = kept;
    next ??= running.then(() => {
      next = undefined;
      const written = replace(JSON.stringify(latest));
      running = written.catch(() => undefined);
      return written;
    });
    return next;
  }

  async function replace(text: string): Promise<void> {
    try {
      // What was left behind may be another's or of another mode.
      await rm(unfinished, { force: true });
      await writeFile(unfinished, text, { mode: 0o600, flag: "wx", flush: true });
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true }).catch(() => undefined);
      throw error;
    }
  }

  return { read, write };
}
