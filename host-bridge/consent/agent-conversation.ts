import type { Socket } from "node:net";
import { dataLines, splitLines } from "./assuan.ts";

export interface AgentEffects {
  /** A new connection to the agent's restricted (extra) socket. Rejects when there is no agent. */
  connectAgent: () => Promise<Socket>;
  /** `OPTION` values that say where the agent's own pinentry draws. */
  options: readonly string[];
}

export interface AgentConversation {
  /**
   * What is asked while another answer is awaited goes out at once, and is answered in turn.
   * @param commands sent together: none may depend on how one before it ends
   * @param ciphertext given when the agent inquires for it; nothing else may be asked until that has ended
   * @returns the reply to the last command, line by line, or to the first that failed; `NO_AGENT` when there is none
   */
  ask(commands: readonly string[], ciphertext?: Promise<string>): Promise<string[]>;
  /** What it replies when it is asked for its version, as gpg asks every time. */
  version: Promise<readonly string[]>;
  /** Ends it, and the agent's prompt with it. */
  hangUp(): void;
}

/** gpg-error's number with gpg-agent as its source, as an agent would say it. */
const NO_AGENT = "ERR 67108941 No agent running";

const NOTHING = Promise.resolve("");
const ignore = (): void => undefined;

/** Commands that were sent together, and what they are answered with. */
interface Asked {
  commands: number;
  ciphertext: Promise<string>;
  replies: string[][];
  resolve: (replies: string[][]) => void;
  reject: (error: Error) => void;
}

/** @returns the reply to each command; rejects when the agent hangs up */
type Tell = (commands: readonly string[], ciphertext?: Promise<string>) => Promise<string[][]>;

/**
 * A conversation with the real agent for one peer, on one connection: a decryption is several questions. It begins at
 * once, and anew after the agent has gone.
 */
export function converse({ connectAgent, options }: AgentEffects): AgentConversation {
  let socket: Socket | undefined;
  let isOver = false;
  let line: Promise<Tell> | undefined = begin();

  function begin(): Promise<Tell> {
    const forget = (): void => {
      if (line === begun) line = undefined;
    };
    const begun = connect(forget);
    // Nobody may be asking yet.
    begun.catch(forget);
    return begun;
  }

  async function connect(onClose: () => void): Promise<Tell> {
    socket = await connectAgent();
    socket.on("error", ignore).once("close", onClose);
    // The peer may have gone before there was an agent to hang up on.
    if (isOver) socket.destroy();
    const tell = talkOver(socket);
    tell(options.map((option) => `OPTION ${option}`)).catch(ignore);
    return tell;
  }

  const version = ask(["GETINFO version"]);

  async function ask(commands: readonly string[], ciphertext?: Promise<string>): Promise<string[]> {
    if (isOver) return [NO_AGENT];
    line ??= begin();
    const used = line;
    try {
      const tell = await used;
      const replies = await tell(commands, ciphertext);
      return replies.find((reply) => reply.at(-1)?.startsWith("ERR ") === true) ?? replies.at(-1) ?? [];
    } catch {
      return [NO_AGENT];
    }
  }

  function hangUp(): void {
    isOver = true;
    socket?.destroy();
  }

  return { ask, version, hangUp };
}

function talkOver(socket: Socket): Tell {
  // The greeting is the answer to nothing.
  const greeting: Asked = { commands: 1, ciphertext: NOTHING, replies: [], resolve: ignore, reject: ignore };
  const waiting = [greeting];
  let reply: string[] = [];
  let hungUp: Error | undefined;

  function take(line: string): void {
    const [asked] = waiting;
    if (asked === undefined) return;
    if (line.startsWith("INQUIRE ")) {
      if (line !== "INQUIRE CIPHERTEXT") write(["END"]);
      else void asked.ciphertext.then((data) => write([...dataLines(data), "END"]));
      return;
    }
    const isLast = /^(?:OK|ERR )/.test(line);
    // Data and the status lines of a decrypt; comments and other keywords are the agent's own affair.
    if (isLast || /^(?:D |S PADDING )/.test(line)) reply.push(line);
    if (!isLast) return;
    asked.replies.push(reply);
    reply = [];
    if (asked.replies.length < asked.commands) return;
    waiting.shift();
    asked.resolve(asked.replies);
  }

  splitLines(socket, take, () => {
    hungUp = new Error("the agent hung up");
    socket.destroy();
    for (const { reject } of waiting) reject(hungUp);
  });

  function write(lines: readonly string[]): void {
    socket.write(lines.map((line) => `${line}\n`).join(""), "latin1");
  }

  return (commands, ciphertext = NOTHING) => {
    const { promise, resolve, reject } = Promise.withResolvers<string[][]>();
    if (hungUp !== undefined) reject(hungUp);
    else if (commands.length === 0) resolve([]);
    else {
      waiting.push({ commands: commands.length, ciphertext, replies: [], resolve, reject });
      write(commands);
    }
    return promise;
  };
}
