import { once } from "node:events";
import { type Server, type Socket, createServer } from "node:net";
import { PosternError } from "#protocol/error.ts";
import { type AgentEffects, converse } from "./agent-conversation.ts";
import { judgeCommand } from "./agent-filter.ts";
import { dataLines, escapeText, readLines, unescapeData } from "./assuan.ts";

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
  const agent = converse(effects, gone.signal);
  let grip: string | undefined;
  await send("OK Postern, decrypting only");
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const verdict = judgeCommand(line.value, keygrips);
    switch (verdict.action) {
      case "ok":
        await send("OK");
        break;
      case "version":
        await send(...(await agent.ask(["GETINFO version"])));
        break;
      case "havekey":
        if (verdict.grips.length === 0) await send(NO_SECRET_KEY);
        else await send(...(await agent.ask([`HAVEKEY ${verdict.grips.join(" ")}`])));
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
        const description = `SETKEYDESC ${escapeText(effects.describe(grip))}`;
        const commands = [`SETKEY ${grip}`, description, "PKDECRYPT"];
        await send(...(await agent.ask(commands, ciphertext)));
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
