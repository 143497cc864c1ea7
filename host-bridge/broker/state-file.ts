import { readFile, rename, rm, writeFile } from "node:fs/promises";

export interface StateFile<T> {
  /** What an earlier broker wrote; undefined when it can not be told. */
  read(): Promise<T | undefined>;
  /** Resolves when this is written, or what came later: whole or not at all. Those that come meanwhile share a writing. */
  write(kept: T): Promise<void>;
}

/**
 * A JSON file in the broker's state directory, mode 0600.
 * @param none what it holds when there is no such file yet
 */
export function stateFile<T>(path: string, isSound: (value: unknown) => value is T, none: T): StateFile<T> {
  const unfinished = `${path}.tmp`;
  let running = Promise.resolve();
  let next: Promise<void> | undefined;
  let latest: T | undefined;

  async function read(): Promise<T | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(path, "utf8"));
      return isSound(value) ? value : undefined;
    } catch (error) {
      const isNone = error instanceof Error && "code" in error && error.code === "ENOENT";
      return isNone ? none : undefined;
    }
  }

  function write(kept: T): Promise<void> {
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
