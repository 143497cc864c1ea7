import { PosternError } from "#protocol/error.ts";
import { type AuditFile, openAuditFile } from "./audit-file.ts";
import { createFold, isLasting } from "./audit-fold.ts";
import { type Wait, realWait } from "#wire/wait.ts";

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
  /** So many more times than there are lines of it: what repeats is folded. */
  count?: number;
}

export interface Audit {
  /**
   * Resolves when the line is written, or counted where it repeats; what releases something is always written.
   * @throws PosternError `internal` when it can not be: then nothing may be released
   */
  record(decision: Decision): Promise<void>;
}

const MAX_BYTES = 4 * 1024 * 1024;
/** How long what repeats is counted before the count is written, in milliseconds. */
const COUNTING = 60_000;

interface AuditOptions {
  maxBytes: number;
  /** Milliseconds, by a clock that never goes back. */
  now: () => number;
  wait: Wait;
}

/** The log: one JSON line a decision, in `audit.jsonl` in `directory`. */
export async function openAudit(
  directory: string,
  { maxBytes = MAX_BYTES, now = () => performance.now(), wait = realWait }: Partial<AuditOptions> = {},
): Promise<Audit & AsyncDisposable> {
  const open = (): Promise<AuditFile> => openAuditFile(directory, isLastingLine, maxBytes);
  let file = await open().catch(() => undefined);
  const fold = createFold(now);
  const closing = new AbortController();
  let queue = Promise.resolve();
  let isCounting = false;

  async function record(decision: Decision): Promise<void> {
    if (!isCounting) wait(COUNTING, closing.signal).then(flush, () => undefined);
    isCounting = true;
    const line = fold.take(decision);
    if (line !== undefined) await write(line);
  }

  function flush(): void {
    isCounting = false;
    // Where they can not be written, what comes next can not be either, and is refused.
    for (const counted of fold.flush()) write(counted).catch(() => undefined);
  }

  function write(decision: Decision): Promise<void> {
    const line = JSON.stringify({ time: new Date().toISOString(), ...decision });
    const written = queue.then(() => append(line));
    queue = written.catch(() => undefined);
    return written;
  }

  async function append(line: string): Promise<void> {
    try {
      // Where it could not be opened at first there may be room by now.
      file ??= await open();
      await file.append(line);
    } catch {
      throw new PosternError(
        "internal",
        "The log can not be written, so nothing is released.",
        "Make room on the disk, and see to the owner, of Postern's state directory: df -h ~/.local/state/postern; ls -l ~/.local/state/postern",
      );
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    flush();
    await queue;
    await file?.[Symbol.asyncDispose]();
  }

  return { record, [Symbol.asyncDispose]: close };
}

/** What can not be read may have been one. */
function isLastingLine(line: string): boolean {
  try {
    return isLasting(JSON.parse(line));
  } catch {
    return true;
  }
}

/** What the broker did by itself; a log that is full is no reason to stop what releases nothing. */
export function report(audit: Audit, about: Pick<Decision, "type" | "entry" | "reason"> & { gate?: string }): void {
  audit.record({ gate: "", ...about, decision: "refused" }).catch(() => undefined);
}
