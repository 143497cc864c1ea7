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
   * @param ciphertext given when the agent inquires for it
   * @returns the reply to the last command, line by line, or to the first that failed; `NO_AGENT` when there is none
   */
  ask(commands: readonly string[], ciphertext?: string): Promise<string[]>;
}

/** gpg-error's number with gpg-agent as its source, as an agent would say it. */
const NO_AGENT = "ERR 67108941 No agent running";

interface Line {
  socket: Socket;
  lines: AsyncGenerator<string>;
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
    await replyOf(socket, lines, "");
    for (const option of options) await tell({ socket, lines }, `OPTION ${option}`, "");
    return { socket, lines };
  }

  async function ask(commands: readonly string[], ciphertext = ""): Promise<string[]> {
    try {
      line ??= begin();
      const known = await line;
      let reply: string[] = [];
      for (const command of commands) {
        reply = await tell(known, command, ciphertext);
        if (reply.at(-1)?.startsWith("ERR ") === true) break;
      }
      return reply;
    } catch {
      line = undefined;
      return [NO_AGENT];
    }
  }

  return { ask };
}

async function tell({ socket, lines }: Line, command: string, ciphertext: string): Promise<string[]> {
  socket.write(`${command}\n`, "latin1");
  return await replyOf(socket, lines, ciphertext);
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
