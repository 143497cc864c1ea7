import { PosternError } from "#protocol/error.ts";
import { isAnswer } from "#protocol/generated/consent.ts";
import type { Prompt, Timer } from "./person.ts";
import { runInGroup } from "./process-group.ts";
import { choices, promptText } from "./prompt-text.ts";

/** What it may print first. */
const SHOWN = /^\s*\{\s*"shown"\s*:\s*true\s*\}\s*\n/;

/**
 * Asks through a program of the user's choosing, for desktops without pinentry: the question and the text to show
 * as one JSON object on its input, `{"answer": "once" | "session" | "deny"}` on its output. Before that it may print
 * `{"shown": true}` on a line, once it has drawn; it is timed from its start where it does not.
 * A program that fails or says anything else is no yes.
 * @param timer the words that start the program which times it (prompt/main.ts)
 */
export function askByCommand([program = "", ...parameters]: readonly string[], timer: Timer): Prompt {
  return async (question, signal) => {
    const input = JSON.stringify({ ...question, text: promptText(question) });
    signal.throwIfAborted();
    const result = await runInGroup([...timer, "command", program, ...parameters], { input }, signal);
    signal.throwIfAborted();
    const answer = result.failed ? undefined : tryJson(result.stdout.replace(SHOWN, ""));
    if (!isAnswer(answer)) throw failed();
    const isOnce = answer.answer === "session" && choices(question).minutes === 0;
    return { answer: isOnce ? "once" : answer.answer, shownFor: result.shownFor };
  };
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function failed(): PosternError {
  return new PosternError(
    "no_consent_agent",
    "The command that should ask for consent failed.",
    'Look at consent.command in config.toml: it must print {"answer": "once"}, "session" or "deny".',
  );
}
