import { spawn } from "node:child_process";
import { join } from "node:path";
import { complain, failure } from "./speak.js";
/** @import { World } from "./world.js" */

/**
 * Runs the program that was asked for in our place: its terminal, its signals, its exit code.
 * @param {World} world
 * @param {string} node
 * @param {string[]} program relative to the project's folder
 */
export function handOver({ root, environment }, node, program) {
  const PATH = `${join(root, "node_modules/.bin")}:${environment.PATH ?? ""}`;
  const [script = "", ...parameters] = program;
  const child = spawn(node, [join(root, script), ...parameters], { stdio: "inherit", env: { ...environment, PATH } });
  for (const signal of /** @type {const} */ (["SIGTERM", "SIGHUP", "SIGINT"])) {
    process.on(signal, () => {
      // A terminal's Ctrl-C reaches the child by itself, and a second one would mean more than the first.
      if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.once("error", () => {
    complain(failure("The pinned Node does not start.", "Remove node_modules and try again."));
    process.exitCode = 2;
  });
  child.once("exit", (code, signal) => {
    if (signal === null) process.exitCode = code ?? 2;
    else endBy(signal);
  });
}

/**
 * Ends as the child did, so that whoever waits for us learns the same.
 * @param {NodeJS.Signals} signal
 */
function endBy(signal) {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
