import { once } from "node:events";
import { execStream } from "#container/exec.ts";
import type { TestPostern } from "./postern.ts";

/** A site inside the browser's container, on its own loopback. */
export interface PageServer extends Disposable {
  /** The forms that were sent to it, each as a browser encodes it. */
  received: string[];
}

export const PAGE_SERVER = "localhost:8000";

const SERVER = `
  const page = (title, rest) => "<!doctype html><title>" + title + "</title><body>" + rest;
  const form = '<form method=post action=/sent><input name=username autocomplete=username required>' +
    '<input name=password type=password autocomplete=current-password required><button>Go</button></form>';
  require("node:http").createServer(async (request, response) => {
    response.setHeader("content-type", "text/html");
    if (request.method === "POST") {
      let text = "";
      for await (const piece of request) text += piece;
      process.stdout.write(text + "\\n");
      return response.end(page("Received", ""));
    }
    response.end(request.url === "/" ? page("Login", form) : page("Page " + request.url, ""));
  }).listen(8000, "localhost", () => process.stdout.write("ready\\n"));
  process.stdin.once("end", () => process.exit()).resume();
`;

export async function servePages(postern: TestPostern): Promise<PageServer> {
  const container = await postern.container("firefox");
  const { stream } = await execStream(postern.engine, container, ["/usr/libexec/postern/node", "-e", SERVER]);
  const received: string[] = [];
  await once(stream, "data", { signal: AbortSignal.timeout(20_000) });
  stream.on("data", (piece: Buffer) => received.push(...piece.toString().trim().split("\n")));
  return { received, [Symbol.dispose]: () => void stream.destroy() };
}
