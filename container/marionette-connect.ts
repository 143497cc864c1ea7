import type { Container } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { execStream } from "./exec.ts";
import { type Marionette, openMarionette } from "./marionette.ts";

/**
 * Runs inside, since nothing listens outside the container: carries Marionette's port over standard input and output.
 * A browser that has just been started does not listen yet.
 */
const RELAY = `
  const { connect } = require("node:net");
  const deadline = Date.now() + 20000;
  (function attempt() {
    const socket = connect(2828, "127.0.0.1");
    socket.once("connect", () => process.stdin.pipe(socket).pipe(process.stdout));
    socket.once("close", (failed) => {
      if (failed && Date.now() < deadline) setTimeout(attempt, 50);
      else process.exit();
    });
    socket.on("error", () => undefined);
  })();
`;

/** Takes a headless browser's container under remote control. @throws PosternError `internal`; the signal's reason */
export async function connectMarionette(
  engine: Engine,
  container: Container,
  signal: AbortSignal,
): Promise<Marionette> {
  const relay = await execStream(engine, container, ["/usr/libexec/postern/node", "-e", RELAY]);
  return await openMarionette(relay.stream, signal);
}
