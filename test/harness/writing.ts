import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { createWriter } from "#cli/session/saving/save-entry.ts";
import { serveSocket } from "#cli/session/listen.ts";
import { type Session, serveConsent } from "#consent/consent-server.ts";
import type { Answer, Question, SaveQuestion } from "#protocol/generated/consent.ts";
import { askOver } from "#wire/ask.ts";
import { connectSocket } from "#wire/socket.ts";
import type { PassStore } from "./pass-store.ts";

const run = promisify(execFile);

/** The session process's end of consent.sock over a real store, and the test in the place of the vault. */
export interface TestSession extends AsyncDisposable {
  /** Every question that was put to the person. */
  questions: Question[];
  /** Sends a `write`, whatever it holds. */
  write(question: object, text: string): Promise<object>;
}

/** @param answer what the person says */
export async function startSession(
  { home, store, environment }: PassStore,
  answer: (question: Question) => Answer["answer"],
): Promise<TestSession> {
  const questions: Question[] = [];
  const ask = async (question: Question): Promise<Answer["answer"]> => {
    questions.push(question);
    return answer(question);
  };
  await using parts = new AsyncDisposableStack();
  const write = await createWriter({ store, state: join(home, "session-state") }, environment, Date.now);
  const choose: Session["choose"] = async () => ({ answer: "deny" });
  const session = { ask, choose, tell: () => undefined, write };
  const path = join(home, "consent.sock");
  parts.use(await serveSocket(path, (socket) => serveConsent(socket, session)));
  const vault = askOver(await connectSocket(path), { maxIncoming: 65_536, maxOutgoing: 65_536 });
  parts.defer(vault.close);
  const kept = parts.move();
  return {
    questions,
    write: (question, text) => vault.ask({ type: "write", question, text }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** What the broker asks for a new login of example.com. */
export function newLogin(username: string): SaveQuestion {
  const page = { gate: "test", origin: "https://example.com", registrableDomain: "example.com" };
  return { kind: "save", ...page, entry: `example.com/${username}`, username };
}

/** What `pass show` prints. */
export async function shown({ environment }: PassStore, entry: string): Promise<string> {
  return (await run("pass", ["show", "--", entry], { env: environment })).stdout;
}
