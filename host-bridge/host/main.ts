import { endianness } from "node:os";
import { parseArgs } from "node:util";
import { VERSION } from "#protocol/names.ts";
import { runHost } from "./host.ts";

const HELP = `Usage: postern-host --socket PATH [ARGUMENTS OF THE BROWSER]

The native messaging host of Postern. A browser starts it and talks to it over standard input and output;
it carries the frames to the socket of the browser's gate and back.

  --socket PATH   the gate's socket
  --help, --version
`;

// Browsers append arguments of their own (the manifest's path, the extension's id): none of them means anything here.
const { values } = parseArgs({
  options: { socket: { type: "string" }, help: { type: "boolean" }, version: { type: "boolean" } },
  strict: false,
  allowPositionals: true,
});

if (values.help === true) {
  process.stdout.write(HELP);
} else if (values.version === true) {
  process.stdout.write(`${VERSION}\n`);
} else if (typeof values.socket !== "string") {
  process.stderr.write("postern-host: error: --socket is missing.\npostern-host: hint: See postern-host --help\n");
  process.exitCode = 2;
} else {
  void runHost({ input: process.stdin, output: process.stdout, order: endianness() }, values.socket);
}
