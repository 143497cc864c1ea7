import { setTimeout as wait } from "node:timers/promises";
import type { Answer, Question } from "#protocol/generated/consent.ts";

/**
 * Puts a question to a person.
 * @param onShown called when the prompt appears, by those who know
 * @throws PosternError `no_consent_agent`, or the signal's reason
 */
export type AskPerson = (question: Question, signal: AbortSignal, onShown?: () => void) => Promise<Answer["answer"]>;

/** An answer sooner than this after the prompt appeared was not read first. Milliseconds, as all below. */
const TOO_SOON = 700;
const MAX_TOO_SOON = 3;
const BETWEEN_PROMPTS = 1_000;
const UNANSWERED = 60_000;

/** One prompt. @param onShown called when it appears, by those who know */
export type Put<T> = (signal: AbortSignal, onShown: () => void) => Promise<T | "deny" | "timeout">;
export type Fairly = <T>(put: Put<T>, signal: AbortSignal) => Promise<T | "deny" | "timeout">;

/**
 * Makes prompts fair to the person: one at a time, a pause between two, a yes that came before anyone could have
 * read does not count and is asked again, and no answer within a minute is none.
 * @param now milliseconds, monotonic
 */
export function createFairness(now: () => number): Fairly {
  let line: Promise<unknown> = Promise.resolve();

  return (put, signal) => {
    const turn = line.then(() => inTurn(put, signal));
    line = turn.catch(() => undefined).then(() => wait(BETWEEN_PROMPTS));
    return turn;
  };

  async function inTurn<T>(put: Put<T>, signal: AbortSignal): Promise<T | "deny" | "timeout"> {
    signal.throwIfAborted();
    for (let attempt = 0; attempt < MAX_TOO_SOON; attempt++) {
      // A hand that is typing, or clicks twice, meets nothing in between.
      if (attempt > 0) await pause(signal);
      let shownAt = now();
      const answer = await inTime(put, signal, () => (shownAt = now()));
      const isYes = answer !== "deny" && answer !== "timeout";
      if (!isYes || now() - shownAt >= TOO_SOON) return answer;
    }
    return "deny";
  }

  async function inTime<T>(put: Put<T>, signal: AbortSignal, onShown: () => void): Promise<T | "deny" | "timeout"> {
    const late = AbortSignal.timeout(UNANSWERED);
    try {
      return await put(AbortSignal.any([signal, late]), onShown);
    } catch (error) {
      if (late.aborted && !signal.aborted) return "timeout";
      throw error;
    }
  }
}

export function askFairly(ask: AskPerson, fairly: Fairly): AskPerson {
  return (question, signal) => fairly((either, onShown) => ask(question, either, onShown), signal);
}

async function pause(signal: AbortSignal): Promise<void> {
  await wait(BETWEEN_PROMPTS, undefined, { signal }).catch(() => signal.throwIfAborted());
}
