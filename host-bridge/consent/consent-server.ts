import type { Socket } from "node:net";
import { PosternError } from "#protocol/error.ts";
import { type Answer, type Notify, type Request, type Write, isRequest } from "#protocol/generated/consent.ts";
import { parseWith } from "#protocol/messages.ts";
import { MAX_CONSENT_BYTES } from "#protocol/names.ts";
import { answerRequests } from "#wire/answer.ts";
import type { ChooseEntry } from "./choose-by-program.ts";
import type { AskPerson } from "./person.ts";

/** What the session process does for the broker. */
export interface Session {
  /** Undefined when there is nobody to ask: every question is refused. */
  ask: AskPerson | undefined;
  /** Lets the person choose an entry. */
  choose: ChooseEntry;
  /** Shows the person something that is no question. */
  tell: (notice: Notify) => void;
  /** Asks the person, and writes after the yes. @throws PosternError what can stand in the way of writing */
  write: (ask: AskPerson, order: Write, signal: AbortSignal) => Promise<Answer["answer"]>;
}

/** Serves one connection of the broker on consent.sock: puts its questions to the person. */
export function serveConsent(socket: Socket, { ask, choose, tell, write }: Session): void {
  const end = answerRequests<Request>(socket, {
    maxIncoming: MAX_CONSENT_BYTES,
    maxOutgoing: MAX_CONSENT_BYTES,
    parse: (value) => parseWith(isRequest, "request", value),
    answer,
  });

  async function answer(request: Request, signal: AbortSignal): Promise<object> {
    switch (request.type) {
      case "ask":
        if (ask === undefined) throw nobody();
        return { answer: await ask(request.question, signal) };
      case "write":
        if (ask === undefined) throw nobody();
        return { answer: await write(ask, request, signal) };
      case "pick":
        return await choose(request.question, request.entries, signal);
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
