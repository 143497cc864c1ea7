import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer, request } from "node:http";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** This machine's container engine, as if there were no volumes but one: those of whoever runs the tests stay. */
export interface EngineView extends AsyncDisposable {
  /** For DOCKER_HOST. */
  host: string;
}

/** For plain requests: nothing can be attached to through it. */
export async function openEngineView(folder: string, volume: string): Promise<EngineView> {
  const path = join(folder, "engine-view.sock");
  const server = createServer((incoming, outgoing) => void pass(incoming, outgoing, volume)).listen(path);
  await once(server, "listening");
  return {
    host: `unix://${path}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function pass(incoming: IncomingMessage, outgoing: ServerResponse, volume: string): Promise<void> {
  const { method, url: path = "", headers } = incoming;
  const name = /\/volumes\/([^/?]+)/.exec(path)?.[1];
  if (name !== undefined && name !== volume) return void outgoing.writeHead(403).end("{}");
  const socketPath = (process.env.DOCKER_HOST ?? "unix:///var/run/docker.sock").replace("unix://", "");
  const asked = request({ socketPath, path, ...(method === undefined ? {} : { method }), headers });
  incoming.pipe(asked);
  const [answer]: IncomingMessage[] = await once(asked, "response");
  if (answer === undefined) return void outgoing.destroy();
  if (!/\/volumes\?/.test(path)) {
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
    return void answer.pipe(outgoing);
  }
  const { Volumes }: { Volumes: { Name: string }[] } = JSON.parse(await text(answer));
  outgoing.writeHead(200, { "content-type": "application/json" });
  outgoing.end(JSON.stringify({ Volumes: Volumes.filter(({ Name }) => Name === volume), Warnings: null }));
}
