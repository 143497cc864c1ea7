import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type TestBroker, startBroker } from "./broker.ts";
import { testCommand } from "./command.ts";
import { eventually } from "./eventually.ts";
import { type OwnFirefox, startOwnFirefox } from "./own-firefox.ts";
import { makePassStore } from "./pass-store.ts";

/** A real Firefox with the extension, a real broker behind it, and pages that the test writes. */
export interface FillingFirefox extends AsyncDisposable {
  broker: TestBroker;
  browser: OwnFirefox;
  /** `http://localhost:PORT`, which has a login. */
  origin: string;
  /** The same pages under an address that is another site: `http://127.0.0.1:PORT`. */
  foreign: string;
  /** Opens a page, presses the keys of a fill, and waits for its end. @returns what became of it */
  fill(path: string): Promise<Filled>;
}

export interface Filled {
  /** What the extension complains of. */
  complaint: string | undefined;
  /** What the inputs of the page's own document hold, in order. */
  fields: unknown;
}

export const USER = "alice@example.org";
export const PASSWORD = "marked-password";
const PATIENCE = 60_000;

/** @param pages the body of each, by path */
export async function startFillingFirefox(pages: Record<string, string>): Promise<FillingFirefox> {
  await using parts = new AsyncDisposableStack();
  const store = parts.use(await makePassStore({ [`localhost/${USER}`]: `${PASSWORD}\n` }));
  const command = parts.use(await testCommand());
  const home = join(command.home, "run/postern");
  const config = "[gates.session.limits]\ngets-a-minute = 10000\n";
  const broker = parts.use(await startBroker({ store: { ...store, home }, config }));
  await mkdir(join(home, "gates/session"), { mode: 0o700 });
  await broker.control.order({ type: "openGate", gate: "session" });
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(`<!doctype html><title>Sign in</title>${pages[request.url ?? ""] ?? ""}`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  parts.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" ? address?.port : 0;
  const { exitCode, stderr } = await command.run("install", "firefox");
  if (exitCode !== 0) throw new Error(stderr);
  const browser = parts.use(await startOwnFirefox(command.home, command.environment));
  const origin = `http://localhost:${port}`;

  async function fill(path: string): Promise<Filled> {
    await browser.open(`${origin}${path}`);
    const log = async () => (await broker.log()).length;
    const before = await log();
    await browser.askToFill();
    const complaint = await eventually(
      `the end of the fill of ${path}`,
      async () => {
        const told = await browser.complaint();
        if (told !== undefined) return told;
        const fields = await browser.fields();
        const isFilled = Array.isArray(fields) && fields.includes(PASSWORD);
        return isFilled && (await log()) > before ? "filled" : false;
      },
      PATIENCE,
    );
    return { complaint: complaint === "filled" ? undefined : complaint, fields: await browser.fields() };
  }

  const kept = parts.move();
  return {
    broker,
    browser,
    origin,
    foreign: `http://127.0.0.1:${port}`,
    fill,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
