import { endianness, tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { PosternError } from "#protocol/error.ts";
import { isGateName } from "#protocol/generated/control.ts";
import { VERSION } from "#protocol/names.ts";
import { runtimeDirectory } from "#wire/runtime-directory.ts";
import { connectOwnGate, connectSandboxGate } from "./gates.ts";
import { runHost } from "./host.ts";
import { spareMemory } from "./spare-memory.ts";

const HELP = `Usage: postern-host (--socket PATH | --gate NAME) [-- ARGUMENTS OF THE BROWSER]

The native messaging host of Postern. A browser starts it and talks to it over standard input and output;
it carries the frames to the socket of the browser's gate and back.

  --socket PATH   the socket of the gate, in a sandbox
  --gate NAME     a gate of the user's own session
  --help, --version
`;

spareMemory();
// Browsers append arguments of their own (the manifest's path, the extension's id): none of them means anything here.
const { values } = parseArgs({
  options: {
    socket: { type: "string" },
    gate: { type: "string" },
    help: { type: "boolean" },
    version: { type: "boolean" },
  },
  strict: false,
  allowPositionals: true,
});
const { socket, gate } = values;
const browser = { input: process.stdin, output: process.stdout, order: endianness() };
const uid = process.getuid?.() ?? 0;

if (values.help === true) {
  process.stdout.write(HELP);
} else if (values.version === true) {
  process.stdout.write(`${VERSION}\n`);
} else if (typeof socket === "string") {
  void runHost(browser, () => connectSandboxGate(socket));
} else if (isGateName(gate)) {
  void runHost(browser, () => connectOwnGate(runtimeDirectory(process.env, uid, tmpdir()), gate, uid));
} else {
  process.stderr.write("postern-host: error: There is no --socket, and no --gate.\n");
  process.stderr.write("postern-host: hint: See postern-host --help\n");
  process.exitCode = 2;
  const reason = new PosternError(
    "internal",
    "Postern's native host was not started as it should be.",
    "Set it up anew outside the browser with: postern install",
  );
  // A browser that started it that way is told so too; a person at a terminal has read it.
  if (!process.stdin.isTTY) void runHost(browser, () => Promise.reject(reason));
}
