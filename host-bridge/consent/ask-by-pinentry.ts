import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import type { Answer, Question } from "#protocol/generated/consent.ts";
import type { Prompt, Timer } from "./person.ts";
import { MAX_LINE, errorCode, escapeLine, readLines, unescapeData } from "./assuan.ts";
import { processGroup } from "./process-group.ts";
import { choices, promptText } from "./prompt-text.ts";

export interface Terminal {
  tty: string;
  term: string;
}

interface Reply {
  /** `OK…` or `ERR …`. */
  status: string;
  data: string;
}

/** gpg-error numbers of a plain no. */
const CANCELED = 99;
const NOT_CONFIRMED = 114;
const FULLY_CANCELED = 198;

/** gpg-error's WINDOW_TOO_SMALL. */
const TOO_SMALL = 301;

/**
 * Flavours with three buttons, of which the first is what Enter presses, and which tell the third from the second: so the
 * first can say no, and so does the third, which is what Escape and closing the window press.
 */
const THREE_BUTTONS = /^(?:gtk2|qt|qt5|qt6|curses)(?::|$)/;

/** What is typed for a yes where the buttons are two, and Enter presses the one that would say so. */
const YES = "yes";

/**
 * Asks through the user's own pinentry, the program that asks for passphrases. Enter, Escape, closing it and whatever is
 * not a yes is a no, on every flavour: where there are three buttons a yes is one that has to be chosen, elsewhere it is
 * typed. A yes that lasts can only be typed.
 * @param timer the words that start the program which times it (prompt/main.ts)
 * @param terminal where a text flavour draws
 */
export function askByPinentry(
  program: string,
  environment: NodeJS.ProcessEnv,
  [timer, ...parameters]: Timer,
  terminal?: Terminal,
): Prompt {
  return async (question, signal) => {
    signal.throwIfAborted();
    const running = execa(timer, [...parameters, "pinentry", program], {
      env: environment,
      extendEnv: false,
      stdio: ["pipe", "pipe", "ignore", "pipe"],
      buffer: { stdout: false, fd3: true },
      reject: false,
      detached: true,
    });
    using group = processGroup(running.pid);
    signal.addEventListener("abort", group.end, { once: true });
    running.stdin.on("error", () => undefined);
    const lines = readLines(running.stdout);
    try {
      const answer = await converse(lines, (line) => running.stdin.write(`${line}\n`), question, terminal);
      running.stdin.end();
      const { stdio } = await running;
      return { answer, shownFor: Number(stdio[3]) || 0 };
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof PosternError) throw error;
      throw failed();
    } finally {
      running.stdin.end();
      group.end();
      await running;
      signal.removeEventListener("abort", group.end);
    }
  };
}

async function converse(
  lines: AsyncGenerator<string>,
  send: (line: string) => void,
  question: Question,
  terminal: Terminal | undefined,
): Promise<Answer["answer"]> {
  await replyTo(lines);
  const tell = async (line: string): Promise<Reply> => {
    send(line);
    return await replyTo(lines);
  };
  const told = async (line: string): Promise<boolean> => (await tell(line)).status.startsWith("OK");
  const { data: flavour } = await tell("GETINFO flavor");
  if (terminal !== undefined) {
    await tell(`OPTION ttyname=${terminal.tty}`);
    await tell(`OPTION ttytype=${terminal.term}`);
  }
  await tell("OPTION lc-ctype=C.UTF-8");
  await tell("SETTITLE Postern");
  const { yes, minutes } = choices(question);
  const hasButtons = THREE_BUTTONS.test(flavour) && (await told(`SETNOTOK ${yes}`));
  const typed = hasButtons ? [] : ["", howToType(yes, minutes)];
  if (!(await told(descriptionOf([promptText(question), ...typed].join("\n"))))) throw failed();
  if (hasButtons) {
    for (const line of ["SETOK Deny", "SETCANCEL Cancel"]) await tell(line);
    return answerOfButtons(await tell("CONFIRM"));
  }
  for (const line of ["SETPROMPT Answer:", "SETOK Answer", "SETCANCEL Deny"]) await tell(line);
  return answerTyped(await tell("GETPIN"), minutes);
}

function howToType(yes: string, minutes: number): string {
  const lasting = minutes === 0 ? "" : `, ${minutes} to allow for ${minutes} minutes`;
  return `Type ${YES} where a password is asked for to ${yes.toLowerCase()}${lasting}. Anything else denies.`;
}

function answerOfButtons({ status }: Reply): Answer["answer"] {
  const code = errorCode(status);
  if (code === NOT_CONFIRMED) return "once";
  if (status.startsWith("OK") || code === CANCELED || code === FULLY_CANCELED) return "deny";
  throw code === TOO_SMALL ? tooSmall() : failed();
}

function answerTyped({ status, data }: Reply, minutes: number): Answer["answer"] {
  const code = errorCode(status);
  if (code === CANCELED || code === FULLY_CANCELED || code === NOT_CONFIRMED) return "deny";
  if (!status.startsWith("OK")) throw code === TOO_SMALL ? tooSmall() : failed();
  const typed = unescapeData(data).trim().toLowerCase();
  if (typed === YES) return "once";
  return minutes > 0 && typed === String(minutes) ? "session" : "deny";
}

/** The whole of the question, or nothing: one that was cut short would leave out who asks or for what. */
function descriptionOf(description: string): string {
  const line = `SETDESC ${escapeLine(description)}`;
  if (Buffer.byteLength(line) <= MAX_LINE) return line;
  throw new PosternError(
    "no_consent_agent",
    "The question is too long for pinentry to show.",
    "Give the entry a shorter name, with: pass mv",
  );
}

/** Everything up to the line that ends a reply. An option that a flavour does not know is no failure. */
async function replyTo(lines: AsyncGenerator<string>): Promise<Reply> {
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
