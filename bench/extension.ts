import { parseFindResult, parseGetResult, parseHelloResult, parseReply } from "#protocol/messages.ts";
import { PROTOCOL_VERSION, VERSION } from "#protocol/names.ts";
import { type NativePort, openNativePort } from "./native-port.ts";

/** What the extension asks on its port. Whatever is not answered as it should be is an error. */
export interface Extension extends AsyncDisposable {
  process: NativePort["process"];
  /** The handle of the first entry. */
  find(origin: string): Promise<string>;
  /** The password. */
  get(origin: string, handle: string): Promise<string | undefined>;
}

/** Starts a host and says hello. @throws Error what was answered, or that the host has ended */
export async function startExtension(program: string, parameters: readonly string[]): Promise<Extension> {
  const port = openNativePort(program, parameters, {});
  let id = 0;

  async function ask(request: object): Promise<object> {
    id += 1;
    const reply = parseReply(await port.ask({ id, ...request }));
    if (!reply.ok) throw new Error(`${reply.error.code}: ${reply.error.message}`);
    return reply.result;
  }

  const client = { name: "bench", version: VERSION };
  parseHelloResult(await ask({ type: "hello", versions: [PROTOCOL_VERSION], client }));
  return {
    process: port.process,
    find: async (origin) => {
      const { entries } = parseFindResult(await ask({ type: "find", origin, use: "form" }));
      const [first] = entries;
      if (first === undefined) throw new Error(`nothing was found for ${origin}`);
      return first.handle;
    },
    get: async (origin, handle) => {
      const fields = ["username", "password"];
      return parseGetResult(await ask({ type: "get", handle, origin, fields })).password;
    },
    [Symbol.asyncDispose]: port[Symbol.asyncDispose],
  };
}
