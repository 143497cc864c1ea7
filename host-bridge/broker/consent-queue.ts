import type { Answer, Question } from "#protocol/generated/consent.ts";
import { PosternError } from "#protocol/error.ts";

const MINUTE = 60_000;
const MAX_WAITING = 5;
const MAX_REFUSALS_A_MINUTE = 3;

interface Effects {
  /** Puts one question to the person. @throws PosternError `no_consent_agent`, `timeout` */
  ask: (question: Question, signal: AbortSignal) => Promise<Answer["answer"]>;
  /** The gate has flooded its person with questions. */
  onFlood: (gate: string) => void;
  /** Milliseconds, monotonic. */
  now: () => number;
}

interface Waiting {
  question: Question;
  isSettled: () => boolean;
  /** Aborted when the request goes, or the gate is locked: the prompt disappears. */
  withdrawal: AbortController;
  done: PromiseWithResolvers<Allowed>;
}

/** `session`: the yes may last. `settled`: another answer had covered it by the time its turn came. */
export type Allowed = "once" | "session" | "settled";

export interface ConsentQueue {
  /**
   * Waits for a person's yes.
   * @param isSettled asked again when the question's turn comes: an earlier answer may have covered it
   * @throws PosternError `denied`, `timeout`, `no_consent_agent`, `locked`, or the signal's reason
   */
  request(question: Question, isSettled: () => boolean, signal: AbortSignal): Promise<Allowed>;
}

/** One question at a time; gates take turns; a refusal sticks; a flood ends in a locked gate. */
export function createConsentQueue({ ask, onFlood, now }: Effects): ConsentQueue {
  const waiting = new Map<string, Waiting[]>();
  const refusedAt = new Map<string, number>();
  const refusals = new Map<string, number[]>();
  let isAsking = false;

  async function request(question: Question, isSettled: () => boolean, signal: AbortSignal): Promise<Allowed> {
    signal.throwIfAborted();
    if (now() - (refusedAt.get(pairOf(question)) ?? -MINUTE) < MINUTE) throw denied();
    const queue = waiting.get(question.gate) ?? [];
    if (queue.length >= MAX_WAITING) throw flood(question.gate);
    const done = Promise.withResolvers<Allowed>();
    const item = { question, isSettled, withdrawal: new AbortController(), done };
    waiting.set(question.gate, [...queue, item]);
    const withdraw = (): void => {
      // What ends with the lock of its gate was not cancelled, and a flood has ended it already.
      const isCancelled = isWaiting(item) && !isLock(signal.reason);
      end(item, signal.reason);
      if (isCancelled) countRefusal(question.gate);
    };
    signal.addEventListener("abort", withdraw, { once: true });
    void takeTurns();
    try {
      return await done.promise;
    } finally {
      remove(item);
      signal.removeEventListener("abort", withdraw);
    }
  }

  async function takeTurns(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    for (let item = next(); item !== undefined; item = next()) {
      await settle(item);
      // The gate that had its turn goes to the end of the line.
      const rest = waiting.get(item.question.gate);
      waiting.delete(item.question.gate);
      if (rest !== undefined) waiting.set(item.question.gate, rest);
    }
    isAsking = false;
  }

  function next(): Waiting | undefined {
    const [first] = waiting.values();
    return first?.[0];
  }

  async function settle(item: Waiting): Promise<void> {
    const { question, isSettled, withdrawal, done } = item;
    try {
      if (isSettled()) return done.resolve("settled");
      // A refusal given while this one waited answers it too: parallel requests win nothing.
      if (now() - (refusedAt.get(pairOf(question)) ?? -MINUTE) < MINUTE) throw denied();
      const answer = await ask(question, withdrawal.signal);
      if (answer === "timeout")
        throw new PosternError("timeout", "Nobody answered the question.", "Try again, and answer it.");
      if (answer === "deny") {
        refusedAt.set(pairOf(question), now());
        countRefusal(question.gate);
        throw denied();
      }
      done.resolve(answer);
    } catch (error) {
      done.reject(error);
    } finally {
      remove(item);
    }
  }

  function end(item: Waiting, reason: unknown): void {
    remove(item);
    item.withdrawal.abort(reason);
    item.done.reject(reason);
  }

  function isWaiting(item: Waiting): boolean {
    return waiting.get(item.question.gate)?.includes(item) === true;
  }

  function remove(item: Waiting): void {
    const { gate } = item.question;
    const rest = (waiting.get(gate) ?? []).filter((other) => other !== item);
    if (rest.length > 0) waiting.set(gate, rest);
    else waiting.delete(gate);
  }

  function countRefusal(gate: string): void {
    const recent = [...(refusals.get(gate) ?? []), now()].filter((at) => now() - at < MINUTE);
    refusals.set(gate, recent);
    if (recent.length >= MAX_REFUSALS_A_MINUTE) flood(gate);
  }

  function flood(gate: string): PosternError {
    refusals.delete(gate);
    const error = new PosternError(
      "locked",
      "This browser asked too often and is locked.",
      `Unlock it with: postern unlock ${gate}`,
    );
    for (const item of waiting.get(gate) ?? []) end(item, error);
    onFlood(gate);
    return error;
  }

  return { request };
}

function isLock(reason: unknown): boolean {
  return reason instanceof PosternError && reason.code === "locked";
}

function pairOf(question: Question): string {
  const entry = question.kind === "fill" ? question.entry : undefined;
  return JSON.stringify([question.kind, question.gate, entry, question.origin]);
}

function denied(): PosternError {
  return new PosternError("denied", "The request was refused.", "A no stands for a minute; then ask again.");
}
