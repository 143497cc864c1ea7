import { once } from "node:events";
import { type Server, type Socket, createServer } from "node:net";
import { PosternError } from "#protocol/error.ts";
import { judgeCommand } from "./agent-filter.ts";
import { dataLines, escapeText, readLines, unescapeData } from "./assuan.ts";

interface Effects {
  /** Upper-case hexadecimal keygrips of the store's keys. */
  keygrips: ReadonlySet<string>;
  /** A new connection to the agent's restricted (extra) socket. Rejects when there is no agent. */
  connectAgent: () => Promise<Socket>;
  /** `OPTION` values that say where the agent's own pinentry draws. */
  options: readonly string[];
  description: string;
}

/** gpg-error numbers with gpg-agent as their source, as an agent would say them. */
const FORBIDDEN = "ERR 67109115 Forbidden";
const NO_SECRET_KEY = "ERR 67108881 No secret key";
const NO_AGENT = "ERR 67108941 No agent running";

/** An encrypted session key is far smaller. */
const MAX_CIPHERTEXT = 16 * 1024;

/** Serves gpg in the vault as an agent that can do nothing but decrypt with the store's keys. */
export function createAgentRelay(effects: Effects): Server {
  return createServer((socket) => {
    socket.on("error", () => socket.destroy());
    serve(socket, effects)
      .catch(() => undefined)
      .finally(() => socket.end());
  });
}

async function serve(socket: Socket, effects: Effects): Promise<void> {
  const { keygrips } = effects;
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  const send = async (...replies: string[]): Promise<void> => {
    const text = replies.map((line) => `${line}\n`).join("");
    // A peer that asks and does not listen is not listened to, or its answers would pile up here.
    if (!socket.write(text, "latin1")) await once(socket, "drain", { signal: gone.signal });
  };
  const lines = readLines(socket);
  let grip: string | undefined;
  await send("OK Postern, decrypting only");
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const verdict = judgeCommand(line.value, keygrips);
    switch (verdict.action) {
      case "ok":
        await send("OK");
        break;
      case "version":
        await send(...(await askAgent(effects, ["GETINFO version"])));
        break;
      case "havekey":
        if (verdict.grips.length === 0) await send(NO_SECRET_KEY);
        else await send(...(await askAgent(effects, [`HAVEKEY ${verdict.grips.join(" ")}`])));
        break;
      case "listkeys":
        await send(...dataLines(Buffer.from([...keygrips].join(""), "hex").toString("latin1")), "OK");
        break;
      case "setkey":
        ({ grip } = verdict);
        await send("OK");
        break;
      case "decrypt": {
        if (grip === undefined) {
          await send(NO_SECRET_KEY);
          break;
        }
        await send("INQUIRE CIPHERTEXT");
        const ciphertext = await readInquiry(lines);
        const description = `SETKEYDESC ${escapeText(effects.description)}`;
        const commands = [`SETKEY ${grip}`, description, "PKDECRYPT"];
        await send(...(await askAgent(effects, commands, ciphertext, socket)));
        break;
      }
      case "bye":
        await send("OK closing connection");
        return;
      case "refuse":
        await send(FORBIDDEN);
        break;
    }
  }
}

/** What the peer sends in answer to an INQUIRE, up to its END. @throws PosternError when it is too much or broken off */
async function readInquiry(lines: AsyncGenerator<string>): Promise<string> {
  let data = "";
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if (line.value === "END") return data;
    if (!line.value.startsWith("D ")) break;
    data += unescapeData(line.value.slice(2));
    if (data.length > MAX_CIPHERTEXT) break;
  }
  throw new PosternError("entry_invalid", "The encrypted session key is broken.");
}

/**
 * One conversation with the real agent on a connection of its own.
 * @param ciphertext given when the agent inquires for it
 * @param asker when this closes, the agent's prompt goes too
 * @returns the reply to the last command, line by line; `NO_AGENT` when there is none
 */
async function askAgent(effects: Effects, commands: string[], ciphertext = "", asker?: Socket): Promise<string[]> {
  const agent = await effects.connectAgent().catch(() => undefined);
  if (agent === undefined) return [NO_AGENT];
  const hangUp = (): void => void agent.destroy();
  asker?.once("close", hangUp);
  agent.on("error", hangUp);
  // It may have gone before there was an agent to hang up on.
  if (asker?.destroyed === true) hangUp();
  const lines = readLines(agent);
  const say = (line: string): void => void agent.write(`${line}\n`, "latin1");
  try {
    let reply = await replyOf(lines, say, ciphertext);
    for (const option of effects.options) {
      say(`OPTION ${option}`);
      await replyOf(lines, say, ciphertext);
    }
    for (const command of commands) {
      say(command);
      reply = await replyOf(lines, say, ciphertext);
      if (reply.at(-1)?.startsWith("ERR ") === true) break;
    }
    return reply;
  } catch {
    return [NO_AGENT];
  } finally {
    asker?.off("close", hangUp);
    agent.end("BYE\n");
  }
}

async function replyOf(
  lines: AsyncGenerator<string>,
  say: (line: string) => void,
  ciphertext: string,
): Promise<string[]> {
  const reply: string[] = [];
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    if (line.value.startsWith("INQUIRE ")) {
      if (line.value === "INQUIRE CIPHERTEXT") for (const data of dataLines(ciphertext)) say(data);
      say("END");
      continue;
    }
    // Data and the status lines of a decrypt; comments and other keywords are the agent's own affair.
    if (/^(?:D |OK|ERR |S PADDING )/.test(line.value)) reply.push(line.value);
    if (/^(?:OK|ERR )/.test(line.value)) return reply;
  }
  throw new Error("the agent hung up");
}
