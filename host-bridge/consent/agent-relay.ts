import { type Server, type Socket, createServer } from "node:net";
import { type AgentConversation, type AgentEffects, converse } from "./agent-conversation.ts";
import { judgeCommand } from "./agent-filter.ts";
import { dataLines, escapeText, splitLines, unescapeData } from "./assuan.ts";

interface Effects extends AgentEffects {
  /** Upper-case hexadecimal keygrips of the store's keys. */
  keygrips: ReadonlySet<string>;
  /** What the agent's own prompt says, by the keygrip. */
  describe: (grip: string) => string;
}

/** gpg-error numbers with gpg-agent as their source, as an agent would say them. */
const FORBIDDEN = "ERR 67109115 Forbidden";
const NO_SECRET_KEY = "ERR 67108881 No secret key";

/** An encrypted session key is far smaller. */
const MAX_CIPHERTEXT = 16 * 1024;

/** How long an answer is on its way, amply; in milliseconds. */
const ANSWERING = 20;

/** Serves gpg in the vault as an agent that can do nothing but decrypt with the store's keys. */
export function createAgentRelay({ keygrips, describe, ...agent }: Effects): Server {
  // The same each time, and gpg asks every time.
  let version: Promise<string[]> | undefined;
  // Each peer has one of its own, and who has come once is likely to come again: it would wait until it is there.
  let next: AgentConversation | undefined;

  const server = createServer((socket) => {
    const conversation = next ?? converse(agent);
    next = undefined;
    socket.once("close", () => {
      conversation.hangUp();
      // Not while what this one was for is on its way.
      setTimeout(getReady, ANSWERING).unref();
    });
    serve(socket, { keygrips, describe, conversation, version: () => versionBy(conversation) });
  });
  server.once("close", () => next?.hangUp());
  return server;

  function getReady(): void {
    if (server.listening) next ??= converse(agent);
  }

  function versionBy({ ask }: AgentConversation): Promise<string[]> {
    version ??= ask(["GETINFO version"]).then((reply) => {
      if (!isOk(reply)) version = undefined;
      return reply;
    });
    return version;
  }
}

interface Serving extends Pick<Effects, "keygrips" | "describe"> {
  conversation: AgentConversation;
  version: () => Promise<string[]>;
}

/** By events, and a promise only where the agent is asked: gpg says a dozen lines, and waits for the answer to each. */
function serve(socket: Socket, { keygrips, describe, conversation, version }: Serving): void {
  const hangUp = (): void => void socket.destroy();
  socket.on("error", hangUp).on("drain", listen);
  send(["OK Postern, decrypting only"]);

  let grip: string | undefined;
  let prepared: Promise<string[]> | undefined;
  /** What the agent is to decrypt, while the peer still says it. */
  let inquiry: { data: string; isWhole: (data: string) => void; answer: Promise<string[]> } | undefined;
  /** What came while an answer is awaited. */
  const waiting: string[] = [];
  let isAnswering = false;
  splitLines(socket, take, (error) => (error === undefined ? socket.end() : hangUp()));

  function take(line: string): void {
    if (isAnswering) {
      waiting.push(line);
      socket.pause();
      return;
    }
    const replies = inquiry === undefined ? answer(line) : takeInquired(line, inquiry);
    if (Array.isArray(replies)) return send(replies);
    isAnswering = true;
    replies.then(send).then(takeWaiting).catch(hangUp);
  }

  function takeWaiting(): void {
    isAnswering = false;
    for (let line = waiting.shift(); line !== undefined; line = waiting.shift()) {
      take(line);
      if (isAnswering) return;
    }
    listen();
  }

  function listen(): void {
    if (!isAnswering && !socket.writableNeedDrain) socket.resume();
  }

  function send(replies: readonly string[]): void {
    if (replies.length === 0 || socket.writableEnded) return;
    // A peer that asks and does not listen is not listened to, or its answers would pile up here.
    if (!socket.write(replies.map((line) => `${line}\n`).join(""), "latin1")) socket.pause();
  }

  function answer(line: string): string[] | Promise<string[]> {
    const verdict = judgeCommand(line, keygrips);
    switch (verdict.action) {
      case "ok":
        return ["OK"];
      case "version":
        return version();
      case "havekey":
        // Those that are gone meanwhile the agent misses when it is to decrypt with them.
        return [verdict.grips.length > 0 ? "OK" : NO_SECRET_KEY];
      case "listkeys":
        return [...dataLines(Buffer.from([...keygrips].join(""), "hex").toString("latin1")), "OK"];
      case "setkey":
        ({ grip } = verdict);
        prepared = prepare(grip);
        return ["OK"];
      case "decrypt":
        if (grip === undefined) return [NO_SECRET_KEY];
        inquiry = decrypt(prepared ?? prepare(grip));
        // The agent forgets the description with its answer.
        prepared = undefined;
        return ["INQUIRE CIPHERTEXT"];
      case "bye":
        send(["OK closing connection"]);
        socket.end();
        return [];
      case "refuse":
        return [FORBIDDEN];
    }
  }

  function prepare(of: string): Promise<string[]> {
    return conversation.ask([`SETKEY ${of}`, `SETKEYDESC ${escapeText(describe(of))}`]);
  }

  /** Begins at once, so that the agent inquires for the data when it is there. */
  function decrypt(ready: Promise<string[]>): NonNullable<typeof inquiry> {
    const { promise: ciphertext, resolve: isWhole } = Promise.withResolvers<string>();
    const decrypted = conversation.ask(["PKDECRYPT"], ciphertext);
    const first = ready.then((reply) => (isOk(reply) ? decrypted : reply));
    return { data: "", isWhole, answer: first };
  }

  function takeInquired(line: string, asked: NonNullable<typeof inquiry>): string[] | Promise<string[]> {
    if (line === "END") {
      inquiry = undefined;
      asked.isWhole(asked.data);
      return asked.answer;
    }
    asked.data += unescapeData(line.slice(2));
    if (!line.startsWith("D ") || asked.data.length > MAX_CIPHERTEXT) socket.end();
    return [];
  }
}

function isOk(reply: readonly string[]): boolean {
  return reply.at(-1)?.startsWith("OK") === true;
}
