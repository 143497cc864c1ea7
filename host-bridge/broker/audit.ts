import { open } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";

/** One decision. Never a secret, never a frame. */
export interface Decision {
  gate: string;
  connection?: number;
  type: string;
  origin?: string;
  topOrigin?: string | undefined;
  entry?: string;
  fields?: readonly string[];
  decision: "allowed" | "refused";
  reason: string;
}

export interface Audit {
  /** Resolves when the line is written. @throws PosternError `internal` when it can not be: then nothing may be released. */
  record(decision: Decision): Promise<void>;
}

/** The log: one JSON line a decision, appended to `audit.jsonl` in `directory`, mode 0600. */
export async function openAudit(directory: string): Promise<Audit & AsyncDisposable> {
  const file = await open(join(directory, "audit.jsonl"), "a", 0o600).catch(() => undefined);
  let queue = Promise.resolve();

  function record(decision: Decision): Promise<void> {
    const line = JSON.stringify({ time: new Date().toISOString(), ...decision });
    const written = queue.then(() => append(line));
    queue = written.catch(() => undefined);
    return written;
  }

  async function append(line: string): Promise<void> {
    try {
      if (file === undefined) throw new Error("not open");
      await file.appendFile(`${line}\n`);
    } catch {
      throw new PosternError(
        "internal",
        "The log can not be written, so nothing is released.",
        "Make room on the disk, and see to the owner, of Postern's state directory: df -h ~/.local/state/postern; ls -l ~/.local/state/postern",
      );
    }
  }

  return { record, [Symbol.asyncDispose]: async () => await file?.close() };
}

/** What the broker did by itself; a log that is full is no reason to stop what releases nothing. */
export function report(audit: Audit, about: Pick<Decision, "type" | "entry" | "reason"> & { gate?: string }): void {
  audit.record({ gate: "", ...about, decision: "refused" }).catch(() => undefined);
}
