import { PosternError } from "#protocol/error.ts";
import {
  type Answer,
  type Notify,
  type PickQuestion,
  type Question,
  type SaveQuestion,
  isAnswer,
  isChoice,
} from "#protocol/generated/consent.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_CONSENT_BYTES } from "#protocol/names.ts";
import { type AskingEnd, askOver } from "#wire/ask.ts";
import { connectSocket } from "#wire/socket.ts";
import type { Wait } from "#wire/wait.ts";

/** A little over the agent's own 60 s, so that a hung agent ends in `timeout` as well. */
const DEADLINE = 65_000;
/** What may be asked about the recipients before, and writing itself, come on top. */
const WRITE_DEADLINE = 3 * DEADLINE;

/** Its place in the list that was sent. */
export interface Chosen {
  place: number;
}

export interface ConsentAgent {
  /** @throws PosternError `no_consent_agent`, `timeout`, or the signal's reason; never answers yes by itself */
  ask(question: Question, signal: AbortSignal): Promise<Answer["answer"]>;
  /**
   * The same, and after the yes the session process has written the entry when this resolves.
   * @throws PosternError what stands in the way of writing as well
   */
  write(question: SaveQuestion, text: string, signal: AbortSignal): Promise<Answer["answer"]>;
  /** Lets a person choose one of the entries. @throws as `ask` */
  choose(question: PickQuestion, entries: readonly string[], signal: AbortSignal): Promise<Chosen | "deny" | "timeout">;
  /** Best effort: with nobody there, nobody is told. */
  notify(gate: string, reason: Notify["reason"]): Promise<void>;
}

/**
 * The broker's way to the consent agent in the user's session.
 * @param path consent.sock, where the session process listens
 * @param onGone called when the agent has gone: what it allowed ends with it
 * @param stop aborted: the connection is closed
 */
export function createConsentAgent(path: string, onGone: () => void, stop: AbortSignal, wait: Wait): ConsentAgent {
  let current: Promise<AskingEnd> | undefined;

  async function connect(): Promise<AskingEnd> {
    const socket = await connectSocket(path, stop);
    const end = askOver(socket, { maxIncoming: MAX_CONSENT_BYTES, maxOutgoing: MAX_CONSENT_BYTES });
    end.closed.addEventListener("abort", () => {
      current = undefined;
      onGone();
    });
    return end;
  }

  async function connected(): Promise<AskingEnd> {
    current ??= connect();
    try {
      return await current;
    } catch {
      current = undefined;
      throw noAgent();
    }
  }

  async function ask(question: Question, signal: AbortSignal): Promise<Answer["answer"]> {
    return parseWith(isAnswer, "answer", await put({ type: "ask", question }, DEADLINE, signal)).answer;
  }

  async function write(question: SaveQuestion, text: string, signal: AbortSignal): Promise<Answer["answer"]> {
    return parseWith(isAnswer, "answer", await put({ type: "write", question, text }, WRITE_DEADLINE, signal)).answer;
  }

  async function choose(
    question: PickQuestion,
    entries: readonly string[],
    signal: AbortSignal,
  ): Promise<Chosen | "deny" | "timeout"> {
    const message = { type: "pick", question, entries };
    const { answer, place = -1 } = parseWith(isChoice, "choice", await put(message, DEADLINE, signal));
    return answer === "chosen" ? { place } : answer;
  }

  /** Waits for what the session process, and the person behind it, make of a message. */
  async function put(
    message: { type: string; [field: string]: unknown },
    deadline: number,
    signal: AbortSignal,
  ): Promise<object> {
    const end = await connected();
    const settled = new AbortController();
    let id = 0;
    const late = wait(deadline, AbortSignal.any([settled.signal, end.closed])).then(() => {
      throw new PosternError("timeout", "Nobody answered the question.", "Try again, and answer it.");
    });
    try {
      const reply = end.ask(message, { signal, onSent: (sent) => (id = sent) });
      return await Promise.race([reply, late]);
    } catch (error) {
      if (end.closed.aborted && !signal.aborted) throw noAgent();
      if (id > 0) void end.ask({ type: "withdraw", target: id }).catch(() => undefined);
      throw error;
    } finally {
      settled.abort();
      late.catch(() => undefined);
    }
  }

  async function notify(gate: string, reason: Notify["reason"]): Promise<void> {
    const end = await connected().catch(() => undefined);
    await end?.ask({ type: "notify", gate, reason }).catch(() => undefined);
  }

  return { ask, write, choose, notify };
}

function noAgent(): PosternError {
  return new PosternError(
    "no_consent_agent",
    "There is nobody to ask for consent.",
    "Start Postern in your session with: postern up",
  );
}
