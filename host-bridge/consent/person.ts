import { setTimeout as wait } from "node:timers/promises";
import type { Answer, Question } from "#protocol/generated/consent.ts";

/** Puts a question to a person. @throws PosternError `no_consent_agent`, or the signal's reason */
export type AskPerson = (question: Question, signal: AbortSignal) => Promise<Answer["answer"]>;

/** What came of one prompt. */
export interface Shown<T> {
  answer: T;
  /** Milliseconds from its appearance to its answer, by a process that does nothing but count them. */
  shownFor: number;
}

/** The same by one prompt, which may be answered sooner than anybody can have read it. */
export type Prompt = (question: Question, signal: AbortSignal) => Promise<Shown<Answer["answer"]>>;

/** The words that start the program which times a prompt (prompt/main.ts). */
export type Timer = readonly [string, ...string[]];

/** An answer sooner than this after the prompt appeared was not read first. Milliseconds, as all below. */
const TOO_SOON = 700;
const MAX_TOO_SOON = 3;
const BETWEEN_PROMPTS = 1_000;
const UNANSWERED = 60_000;

/** One prompt. */
export type Put<T> = (signal: AbortSignal) => Promise<Shown<T | "deny" | "timeout">>;
export type Fairly = <T>(put: Put<T>, signal: AbortSignal) => Promise<T | "deny" | "timeout">;

/**
 * Makes prompts fair to the person: one at a time, a pause between two, a yes that came before anyone could have
 * read does not count and is asked again, and no answer within a minute is none.
 */
export function createFairness(): Fairly {
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
      const { answer, shownFor } = await inTime(put, signal);
      const isYes = answer !== "deny" && answer !== "timeout";
      if (!isYes || shownFor >= TOO_SOON) return answer;
    }
    return "deny";
  }

  async function inTime<T>(put: Put<T>, signal: AbortSignal): Promise<Shown<T | "deny" | "timeout">> {
    const late = AbortSignal.timeout(UNANSWERED);
    try {
      return await put(AbortSignal.any([signal, late]));
    } catch (error) {
      if (late.aborted && !signal.aborted) return { answer: "timeout", shownFor: UNANSWERED };
      throw error;
    }
  }
}

export function askFairly(prompt: Prompt, fairly: Fairly): AskPerson {
  return (question, signal) => fairly((either) => prompt(question, either), signal);
}

async function pause(signal: AbortSignal): Promise<void> {
  await wait(BETWEEN_PROMPTS, undefined, { signal }).catch(() => signal.throwIfAborted());
}
