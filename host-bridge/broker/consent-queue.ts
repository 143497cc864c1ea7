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
  /** Milliseconds of a clock that never goes back. */
  now: () => number;
}

/** What a prompt is about, and what tells it from others. */
export interface About {
  kind: string;
  gate: string;
  origin: string;
  entry?: string;
}

interface Waiting {
  about: About;
  /** Aborted when the request goes, or the gate is locked: the prompt disappears. */
  withdrawal: AbortController;
  /** Has its turn. */
  take: () => Promise<void>;
  reject: (reason: unknown) => void;
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
  /**
   * The same for any other prompt: waits for its turn and for what the person makes of it.
   * @param put draws it, and gives up when its signal is aborted
   */
  inTurn<T>(about: About, put: Put<T>, signal: AbortSignal): Promise<T>;
}

/** One prompt, and what came of it. */
export type Put<T> = (signal: AbortSignal) => Promise<T | "deny" | "timeout">;

/** One question at a time; gates take turns; a refusal sticks; a flood ends in a locked gate. */
export function createConsentQueue({ ask, onFlood, now }: Effects): ConsentQueue {
  const waiting = new Map<string, Waiting[]>();
  const refusedAt = new Map<string, number>();
  const refusals = new Map<string, number[]>();
  let isAsking = false;

  async function request(question: Question, isSettled: () => boolean, signal: AbortSignal): Promise<Allowed> {
    const put: Put<Allowed> = async (withdrawn) => (isSettled() ? "settled" : await ask(question, withdrawn));
    return await inTurn(question, put, signal);
  }

  async function inTurn<T>(about: About, put: Put<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    if (isRefused(about)) throw denied();
    const queue = waiting.get(about.gate) ?? [];
    if (queue.length >= MAX_WAITING) throw flood(about.gate);
    const done = Promise.withResolvers<T>();
    const withdrawal = new AbortController();
    const take = async (): Promise<void> => done.resolve(await settle(about, put, withdrawal.signal));
    const item = { about, withdrawal, take, reject: done.reject };
    waiting.set(about.gate, [...queue, item]);
    const withdraw = (): void => {
      // What ends with the lock of its gate was not cancelled, and a flood has ended it already.
      const isCancelled = isWaiting(item) && !isLock(signal.reason);
      end(item, signal.reason);
      if (isCancelled) countRefusal(about.gate);
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
      await item.take().catch(item.reject);
      remove(item);
      // The gate that had its turn goes to the end of the line.
      const rest = waiting.get(item.about.gate);
      waiting.delete(item.about.gate);
      if (rest !== undefined) waiting.set(item.about.gate, rest);
    }
    isAsking = false;
  }

  function next(): Waiting | undefined {
    const [first] = waiting.values();
    return first?.[0];
  }

  async function settle<T>(about: About, put: Put<T>, withdrawn: AbortSignal): Promise<T> {
    // A refusal given while this one waited answers it too: parallel requests win nothing.
    if (isRefused(about)) throw denied();
    const answer = await put(withdrawn);
    if (answer === "timeout")
      throw new PosternError("timeout", "Nobody answered the question.", "Try again, and answer it.");
    if (answer !== "deny") return answer;
    refusedAt.set(pairOf(about), now());
    countRefusal(about.gate);
    throw denied();
  }

  function isRefused(about: About): boolean {
    return now() - (refusedAt.get(pairOf(about)) ?? -MINUTE) < MINUTE;
  }

  function end(item: Waiting, reason: unknown): void {
    remove(item);
    item.withdrawal.abort(reason);
    item.reject(reason);
  }

  function isWaiting(item: Waiting): boolean {
    return waiting.get(item.about.gate)?.includes(item) === true;
  }

  function remove(item: Waiting): void {
    const { gate } = item.about;
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

  return { request, inTurn };
}

function isLock(reason: unknown): boolean {
  return reason instanceof PosternError && reason.code === "locked";
}

function pairOf({ kind, gate, entry, origin }: About): string {
  return JSON.stringify([kind, gate, entry, origin]);
}

function denied(): PosternError {
  return new PosternError("denied", "The request was refused.", "A no stands for a minute; then ask again.");
}
