import type { Socket } from "node:net";
import { PosternError } from "#protocol/error.ts";
import { type Notify, type Request, isRequest } from "#protocol/generated/consent.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_REQUEST_BYTES } from "#protocol/names.ts";
import { answerRequests } from "#wire/answer.ts";
import type { AskPerson } from "./person.ts";

/**
 * Serves one connection of the broker on consent.sock: puts its questions to the person.
 * @param ask undefined when there is nobody to ask: every question is refused
 * @param tell shows the person something that is no question
 */
export function serveConsent(socket: Socket, ask: AskPerson | undefined, tell: (notice: Notify) => void): void {
  const end = answerRequests<Request>(socket, {
    maxIncoming: MAX_REQUEST_BYTES,
    maxOutgoing: MAX_REQUEST_BYTES,
    parse: (value) => parseWith(isRequest, "request", value),
    answer,
  });

  async function answer(request: Request, signal: AbortSignal): Promise<object> {
    switch (request.type) {
      case "ask":
        if (ask === undefined) throw nobody();
        return { answer: await ask(request.question, signal) };
      case "withdraw":
        end.cancel(request.target);
        return {};
      case "notify":
        tell(request);
        return {};
    }
  }
}

function nobody(): PosternError {
  return new PosternError(
    "no_consent_agent",
    "There is nobody to ask for consent.",
    "Run postern up in a terminal or a graphical session, or set consent.command in config.toml.",
  );
}
