import type { Socket } from "node:net";
import { dataLines, readLines } from "./assuan.ts";

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
  ask(commands: readonly string[], ciphertext?: string): Promise<string[]>;
}

/** gpg-error's number with gpg-agent as its source, as an agent would say it. */
const NO_AGENT = "ERR 67108941 No agent running";

interface Line {
  socket: Socket;
  lines: AsyncGenerator<string>;
  /** Resolves when all that was asked before is answered. */
  answered: Promise<unknown>;
}

/**
 * A conversation with the real agent for one peer, on one connection: a decryption is several questions. It begins at
 * once, while the peer still introduces itself, and anew after the agent has gone.
 * @param gone aborted: the peer has gone, so the agent's prompt goes too
 */
export function converse({ connectAgent, options }: AgentEffects, gone: AbortSignal): AgentConversation {
  let line: Promise<Line> | undefined = begin();
  line.catch(() => undefined);

  async function begin(): Promise<Line> {
    const socket = await connectAgent();
    const hangUp = (): void => void socket.destroy();
    socket.on("error", hangUp);
    gone.addEventListener("abort", hangUp, { once: true });
    socket.once("close", () => gone.removeEventListener("abort", hangUp));
    // The peer may have gone before there was an agent to hang up on.
    if (gone.aborted) hangUp();
    const lines = readLines(socket);
    const begun: Line = { socket, lines, answered: replyOf(socket, lines, "") };
    // Nobody may be asking yet.
    const told = tell(
      begun,
      options.map((option) => `OPTION ${option}`),
      "",
    );
    told.catch(() => undefined);
    return begun;
  }

  async function ask(commands: readonly string[], ciphertext = ""): Promise<string[]> {
    line ??= begin();
    const used = line;
    try {
      const replies = await tell(await used, commands, ciphertext);
      return replies.find((reply) => reply.at(-1)?.startsWith("ERR ") === true) ?? replies.at(-1) ?? [];
    } catch {
      if (line === used) line = undefined;
      return [NO_AGENT];
    }
  }

  return { ask };
}

/** @returns the reply to each command */
function tell(line: Line, commands: readonly string[], ciphertext: string): Promise<string[][]> {
  const { socket, lines, answered } = line;
  socket.write(commands.map((command) => `${command}\n`).join(""), "latin1");
  const replies = answered.then(async () => {
    const each: string[][] = [];
    while (each.length < commands.length) each.push(await replyOf(socket, lines, ciphertext));
    return each;
  });
  line.answered = replies;
  return replies;
}

/** @throws Error when the agent hangs up */
async function replyOf(socket: Socket, lines: AsyncGenerator<string>, ciphertext: string): Promise<string[]> {
  const reply: string[] = [];
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if (line.value.startsWith("INQUIRE ")) {
      const data = line.value === "INQUIRE CIPHERTEXT" ? dataLines(ciphertext) : [];
      socket.write([...data, "END"].map((text) => `${text}\n`).join(""), "latin1");
      continue;
    }
    // Data and the status lines of a decrypt; comments and other keywords are the agent's own affair.
    if (/^(?:D |OK|ERR |S PADDING )/.test(line.value)) reply.push(line.value);
    if (/^(?:OK|ERR )/.test(line.value)) return reply;
  }
  throw new Error("the agent hung up");
}
