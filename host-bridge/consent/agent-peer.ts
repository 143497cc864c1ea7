import type { Socket } from "node:net";
import type { AgentConversation } from "./agent-conversation.ts";
import { judgeCommand } from "./agent-filter.ts";
import { dataLines, escapeText, splitLines, unescapeData } from "./assuan.ts";

/** What a peer may decrypt with. */
export interface StoreKeys {
  /** Upper-case hexadecimal keygrips. */
  keygrips: ReadonlySet<string>;
  /** What the agent's own prompt says, by the keygrip. */
  describe: (grip: string) => string;
}

interface Serving extends StoreKeys {
  conversation: AgentConversation;
}

/** What the agent is to decrypt, while the peer still says it. */
interface Inquiry {
  data: string;
  isWhole: (data: string) => void;
  answer: Promise<string[]>;
}

type Replies = readonly string[] | Promise<readonly string[]>;

/** gpg-error numbers with gpg-agent as their source, as an agent would say them. */
const FORBIDDEN = "ERR 67109115 Forbidden";
const NO_SECRET_KEY = "ERR 67108881 No secret key";

/** An encrypted session key is far smaller. */
const MAX_CIPHERTEXT = 16 * 1024;

/** How many lines may come while an answer is awaited: gpg says none. */
const MAX_WAITING = 64;

/**
 * Serves one peer of the relay, line by line. By events, and with a promise only where the agent is asked: gpg says a
 * dozen lines, and waits for the answer to each.
 */
export function serveAgentPeer(socket: Socket, { keygrips, describe, conversation }: Serving): void {
  let grip: string | undefined;
  let prepared: Promise<string[]> | undefined;
  let inquiry: Inquiry | undefined;
  const waiting: string[] = [];
  let isAnswering = false;

  const hangUp = (): void => void socket.destroy();
  // A peer that asks and does not listen is not listened to, or its answers would pile up here.
  socket.on("error", hangUp).on("drain", () => socket.resume());
  send(["OK Postern, decrypting only"]);
  splitLines(socket, take, (error) => (error === undefined ? socket.end() : hangUp()));

  function take(line: string): void {
    if (socket.destroyed || socket.writableEnded) return;
    if (isAnswering) {
      if (waiting.push(line) > MAX_WAITING) hangUp();
      return;
    }
    const replies = inquiry === undefined ? answer(line) : takeInquired(line, inquiry);
    if (!(replies instanceof Promise)) return send(replies);
    isAnswering = true;
    replies.then(send).then(takeWaiting).catch(hangUp);
  }

  function takeWaiting(): void {
    isAnswering = false;
    for (const line of waiting.splice(0)) take(line);
  }

  function send(replies: readonly string[]): void {
    if (replies.length === 0 || socket.destroyed) return;
    if (!socket.write(replies.map((line) => `${line}\n`).join(""), "latin1")) socket.pause();
  }

  function answer(line: string): Replies {
    const verdict = judgeCommand(line, keygrips);
    switch (verdict.action) {
      case "ok":
        return ["OK"];
      case "version":
        return conversation.version;
      case "havekey":
        // Those that are gone meanwhile the agent misses when it is to decrypt with them.
        return [verdict.isThere ? "OK" : NO_SECRET_KEY];
      case "listkeys":
        return [...dataLines(Buffer.from([...keygrips].join(""), "hex").toString("latin1")), "OK"];
      case "setkey": {
        const before = prepared;
        ({ grip } = verdict);
        prepared = prepare(grip);
        // Without the agent's answer, once: whoever goes on and on waits for it, or what is asked would pile up.
        return before === undefined ? ["OK"] : before.then(() => ["OK"]);
      }
      case "decrypt":
        if (grip === undefined) return [NO_SECRET_KEY];
        inquiry = decrypt(prepared ?? prepare(grip));
        // The agent forgets the description with its answer.
        prepared = undefined;
        return ["INQUIRE CIPHERTEXT"];
      case "bye":
        send(["OK closing connection"]);
        socket.destroySoon();
        return [];
      case "refuse":
        return [FORBIDDEN];
    }
  }

  function prepare(of: string): Promise<string[]> {
    return conversation.ask([`SETKEY ${of}`, `SETKEYDESC ${escapeText(describe(of))}`]);
  }

  /** Begins at once, so that the agent inquires for the data when it is there; it gets none for another key or text. */
  function decrypt(preparing: Promise<string[]>): Inquiry {
    const { promise: whole, resolve: isWhole } = Promise.withResolvers<string>();
    const ciphertext = preparing.then(async (reply) => (isOk(reply) ? await whole : ""));
    const decrypted = conversation.ask(["PKDECRYPT"], ciphertext);
    const first = preparing.then((reply) => (isOk(reply) ? decrypted : reply));
    return { data: "", isWhole, answer: first };
  }

  function takeInquired(line: string, asked: Inquiry): Replies {
    if (line === "END") {
      inquiry = undefined;
      asked.isWhole(asked.data);
      return asked.answer;
    }
    if (line.startsWith("D ")) asked.data += unescapeData(line.slice(2));
    if (!line.startsWith("D ") || asked.data.length > MAX_CIPHERTEXT) hangUp();
    return [];
  }
}

function isOk(reply: readonly string[]): boolean {
  return reply.at(-1)?.startsWith("OK") === true;
}
