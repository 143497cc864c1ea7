import { spawn } from "node:child_process";
import { writeSync } from "node:fs";
import { constants } from "node:os";
import { createShownTime } from "./shown-time.ts";

// Runs one program that asks a person, passes on what it is told and says, and counts how long it was shown. It is a
// process of its own for that alone: whatever keeps the session process busy, an answer that came too soon to have read
// the question is known for one. Started as: pinentry | command | chooser PROGRAM PARAMETER…
// The program's exit code becomes this one's, or 128 and the number of the signal that ended it; 127 where it is not
// there, 126 where it may not be run. Milliseconds go to descriptor 3.
const TICK = 20;
const REPORT = 3;
/** What has a pinentry draw. */
const DRAWS = /^(?:CONFIRM|GETPIN)$/m;
/** How a command says that it has drawn. */
const MOST_SAID = 200;
const IS_SHOWN = /^\s*\{\s*"shown"\s*:\s*true\s*\}\s*\n/;

const [kind, program = "", ...parameters] = process.argv.slice(2);
const shown = createShownTime(() => performance.now());
const child = spawn(program, parameters, { stdio: ["pipe", "pipe", "ignore"] });
setInterval(shown.tick, TICK).unref();
let said = "";

// The program is told to end as well, being of the same group: when it has, this one does.
process.on("SIGTERM", () => undefined);
child.once("error", (error) => process.exit("code" in error && error.code === "EACCES" ? 126 : 127));
for (const stream of [process.stdin, process.stdout, child.stdin]) stream.on("error", () => undefined);
process.stdin.on("data", (piece: Buffer) => {
  if (kind === "pinentry" && DRAWS.test(piece.toString("latin1"))) shown.begin();
});
process.stdin.pipe(child.stdin);
child.stdout.on("data", (piece: Buffer) => {
  shown.answer();
  if (kind !== "command" || IS_SHOWN.test(said)) return;
  said = `${said}${piece.toString("latin1")}`.slice(0, MOST_SAID);
  if (IS_SHOWN.test(said)) shown.begin();
});
child.stdout.pipe(process.stdout);
child.once("close", (code, signal) => {
  writeSync(REPORT, String(shown.total()));
  process.exitCode = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
  process.stdin.destroy();
});
