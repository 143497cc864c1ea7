import { spawn } from "node:child_process";
import { once } from "node:events";
import { PosternError } from "#protocol/error.ts";
import type { Question } from "#protocol/generated/consent.ts";
import type { AskPerson } from "./person.ts";
import { MAX_LINE, errorCode, escapeLine, readLines } from "./assuan.ts";
import { processGroup } from "./process-group.ts";
import { choices, promptText } from "./prompt-text.ts";

export interface Terminal {
  tty: string;
  term: string;
}

/** gpg-error numbers of a plain no. */
const CANCELED = 99;
const NOT_CONFIRMED = 114;
const FULLY_CANCELED = 198;

/** gpg-error's WINDOW_TOO_SMALL. */
const TOO_SMALL = 301;

/** Flavours that draw a third button. */
const THREE_BUTTONS = /^(?:gtk2|qt|qt5|qt6|qt4|curses|fltk|efl|tqt|mac|w32)\b/;

/**
 * Asks through the user's own pinentry: its CONFIRM, the same window that asks for passphrases.
 * Closing it, cancelling it and anything that is not a yes is a no.
 * @param terminal where a text flavour draws
 */
export function askByPinentry(program: string, environment: NodeJS.ProcessEnv, terminal?: Terminal): AskPerson {
  return async (question, signal, onShown) => {
    signal.throwIfAborted();
    const child = spawn(program, [], { env: environment, stdio: ["pipe", "pipe", "ignore"], detached: true });
    using group = processGroup(child.pid);
    signal.addEventListener("abort", group.end, { once: true });
    child.on("error", () => undefined);
    child.stdin.on("error", () => undefined);
    const lines = readLines(child.stdout);
    try {
      return await converse(lines, (line) => child.stdin.write(`${line}\n`), question, terminal, onShown);
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PosternError) throw error;
      throw failed();
    } finally {
      signal.removeEventListener("abort", group.end);
      child.stdin.end();
      group.end();
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) await once(child, "close");
    }
  };
}

async function converse(
  lines: AsyncGenerator<string>,
  send: (line: string) => void,
  question: Question,
  terminal: Terminal | undefined,
  onShown: () => void = () => undefined,
): ReturnType<AskPerson> {
  await replyTo(lines);
  const tell = async (line: string): Promise<boolean> => {
    send(line);
    return (await replyTo(lines)).status.startsWith("OK");
  };
  send("GETINFO flavor");
  const { data: flavour } = await replyTo(lines);
  if (terminal !== undefined) {
    await tell(`OPTION ttyname=${terminal.tty}`);
    await tell(`OPTION ttytype=${terminal.term}`);
  }
  await tell("OPTION lc-ctype=C.UTF-8");
  await tell("SETTITLE Postern");
  if (!(await tell(descriptionOf(question)))) throw failed();
  const { yes, minutes } = choices(question);
  await tell(`SETOK ${yes}`);
  await tell("SETCANCEL Deny");
  const hasThird = minutes > 0 && THREE_BUTTONS.test(flavour);
  // Where the button did not come, what it would say is said by another one.
  const offersMinutes = hasThird && (await tell(`SETNOTOK Allow for ${minutes} minutes`));
  send("CONFIRM");
  // Not before: a program may be slow to start, and what is typed meanwhile is an answer to nothing.
  onShown();
  const { status } = await replyTo(lines);
  if (status.startsWith("OK")) return "once";
  const code = errorCode(status);
  if (code === NOT_CONFIRMED && offersMinutes) return "session";
  if (code === CANCELED || code === FULLY_CANCELED || code === NOT_CONFIRMED) return "deny";
  throw code === TOO_SMALL ? tooSmall() : failed();
}

/** The whole of the question, or nothing: one that was cut short would leave out who asks or for what. */
function descriptionOf(question: Question): string {
  const line = `SETDESC ${escapeLine(promptText(question))}`;
  if (Buffer.byteLength(line) <= MAX_LINE) return line;
  throw new PosternError(
    "no_consent_agent",
    "The question is too long for pinentry to show.",
    "Give the entry a shorter name, with: pass mv",
  );
}

/** Everything up to the line that ends a reply. An option that a flavour does not know is no failure. */
async function replyTo(lines: AsyncGenerator<string>): Promise<{ status: string; data: string }> {
  let data = "";
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if (line.value.startsWith("D ")) data += line.value.slice(2);
    if (line.value.startsWith("OK") || line.value.startsWith("ERR ")) return { status: line.value, data };
  }
  throw failed();
}

function tooSmall(): PosternError {
  return new PosternError(
    "no_consent_agent",
    "The terminal is too small for the question.",
    "Make its window larger, then try again.",
  );
}

function failed(): PosternError {
  return new PosternError(
    "no_consent_agent",
    "The pinentry that should ask for consent does not work.",
    "Install one that can draw where you are, for example with: apt-get install pinentry-gnome3; or name one in gpg-agent.conf (pinentry-program).",
  );
}
