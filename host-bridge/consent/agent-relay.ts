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
  // Asked while the peer still introduces itself: it will ask for both, and starts a new connection for each message.
  const version = agent.ask(["GETINFO version"]);
  const isThere = new Map([...keygrips].map((each) => [each, agent.ask([`HAVEKEY ${each}`])]));
  let grip: string | undefined;
  let prepared: Promise<string[]> | undefined;
  const prepare = (of: string): Promise<string[]> =>
    agent.ask([`SETKEY ${of}`, `SETKEYDESC ${escapeText(effects.describe(of))}`]);
  await send("OK Postern, decrypting only");
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const verdict = judgeCommand(line.value, keygrips);
    switch (verdict.action) {
      case "ok":
        await send("OK");
        break;
      case "version":
        await send(...(await version));
        break;
      case "havekey":
        await send(...(await haveKey(verdict.grips)));
        break;
      case "listkeys":
        await send(...dataLines(Buffer.from([...keygrips].join(""), "hex").toString("latin1")), "OK");
        break;
      case "setkey":
        ({ grip } = verdict);
        prepared = prepare(grip);
        await send("OK");
        break;
      case "decrypt": {
        if (grip === undefined) {
          await send(NO_SECRET_KEY);
          break;
        }
        await send("INQUIRE CIPHERTEXT");
        const ciphertext = await readInquiry(lines);
        const ready = await (prepared ?? prepare(grip));
        // The agent forgets the description with its answer.
        prepared = undefined;
        const isReady = ready.at(-1)?.startsWith("OK") === true;
        await send(...(isReady ? await agent.ask(["PKDECRYPT"], ciphertext) : ready));
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

  async function haveKey(grips: readonly string[]): Promise<string[]> {
    if (grips.length === 0) return [NO_SECRET_KEY];
    for (const each of grips) if ((await isThere.get(each))?.at(-1)?.startsWith("OK") === true) return ["OK"];
    // It may have come since.
    return await agent.ask([`HAVEKEY ${grips.join(" ")}`]);
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
