import { PosternError } from "#protocol/error.ts";
import { isAnswer } from "#protocol/generated/consent.ts";
import type { AskPerson } from "./person.ts";
import { runInGroup } from "./process-group.ts";
import { choices, promptText } from "./prompt-text.ts";

/**
 * Asks through a program of the user's choosing, for desktops without pinentry: the question and the text to show
 * as one JSON object on its input, `{"answer": "once" | "session" | "deny"}` on its output.
 * A program that fails or says anything else is no yes.
 */
export function askByCommand([program, ...parameters]: readonly string[]): AskPerson {
  return async (question, signal) => {
    const input = JSON.stringify({ ...question, text: promptText(question) });
    signal.throwIfAborted();
    const result = await runInGroup([program ?? "", ...parameters], { input }, signal);
    signal.throwIfAborted();
    const answer = result.failed ? undefined : tryJson(result.stdout);
    if (!isAnswer(answer)) throw failed();
    return answer.answer === "session" && choices(question).minutes === 0 ? "once" : answer.answer;
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
