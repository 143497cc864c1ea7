import type { Notify } from "#protocol/generated/consent.ts";
import { type Notice, noticeOf } from "./notice-text.ts";
import { runInGroup } from "./process-group.ts";

/** How long a notification is offered, in milliseconds; the same one is not shown again before. */
const SHOWN = 60_000;

/** How many in that time: a vault that was broken in must not cover the screen, nor start programs without end. */
const MAX_SHOWN = 5;

const UNLOCK = "unlock";

interface Effects {
  /** Of the program, which finds the desktop's bus by it. */
  environment: Record<string, string>;
  /** The person wants the gate unlocked. */
  unlock: (gate: string) => Promise<unknown>;
}

export interface Notifier extends AsyncDisposable {
  /** False when it is not shown, for it was a moment ago, or too much was. */
  tell(notice: Notify): boolean;
}

/**
 * Tells the person what is no question, through the desktop's notifications (notify-send, where there is one). Nothing
 * depends on it: the log has all of it, and a lock holds whether anybody sees that or not.
 */
export function createNotifier({ environment, unlock }: Effects): Notifier {
  const shown = new Map<string, Promise<void>>();
  const stop = new AbortController();

  function tell(notify: Notify): boolean {
    const key = `${notify.gate} ${notify.reason}`;
    if (stop.signal.aborted || shown.has(key) || shown.size >= MAX_SHOWN) return false;
    shown.set(key, show(notify, AbortSignal.any([stop.signal, AbortSignal.timeout(SHOWN)])));
    setTimeout(() => shown.delete(key), SHOWN).unref();
    return true;
  }

  async function show(notify: Notify, signal: AbortSignal): Promise<void> {
    const notice = noticeOf(notify);
    const chosen =
      (await send(notice, notice.mayUnlock, environment, signal)) ?? (await send(notice, false, environment, signal));
    if (chosen === UNLOCK && notice.mayUnlock) await unlock(notify.gate).catch(() => undefined);
  }

  return {
    tell,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await Promise.all(shown.values());
    },
  };
}

/** @returns the action that was chosen, if any; undefined when it could not be shown: some know no actions */
async function send(
  { title, body, isUrgent }: Notice,
  hasAction: boolean,
  environment: Record<string, string>,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (signal.aborted) return "";
  const parameters = [
    "--app-name=Postern",
    `--urgency=${isUrgent ? "critical" : "normal"}`,
    `--expire-time=${SHOWN}`,
    ...(hasAction ? [`--action=${UNLOCK}=Unlock`] : []),
    "--",
    title,
    body,
  ];
  const result = await runInGroup(["notify-send", ...parameters], { environment, input: "" }, signal);
  return result.failed && !signal.aborted ? undefined : result.stdout.trim();
}
