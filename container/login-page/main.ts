import { createServer } from "node:http";
import { serveLoginPage } from "./serve.ts";

// Usage: login-page PORT. Serves the login page on this machine's own loopback until standard input ends.
const port = Number(process.argv[2]);
const server = createServer(serveLoginPage);
server.once("error", () => {
  process.stderr.write(`login-page: error: port ${port} is not free.\n`);
  process.exit(2);
});
server.listen(port, "localhost", () => process.stdout.write("ready\n"));
process.stdin.once("end", () => process.exit());
process.stdin.resume();
