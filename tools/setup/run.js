import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "./speak.js";

/**
 * Runs a program to its end with its output in a log; when it fails, the log's end is shown.
 * @param {string} what the deed in words, for the message
 * @param {string[]} command
 * @param {{ log: string, environment: NodeJS.ProcessEnv, folder: string }} options
 */
export async function runLogged(what, command, { log, environment, folder }) {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, "w");
  const [program = "", ...parameters] = command;
  // Standard input stays the terminal's, so that sudo can ask.
  const child = spawn(program, parameters, { cwd: folder, env: environment, stdio: ["inherit", output, output] });
  closeSync(output);
  const [code, signal] = await once(child, "exit").catch(() => ["could not be started", null]);
  if (code === 0) return;
  const hint = `${program} said (the whole of it is in ${log}):\n${lastLines(log)}`;
  throw failure(`${what} failed (${signal ?? code}).`, hint);
}

/** @param {string} path */
export function lastLines(path) {
  return readFileSync(path, "utf8").trimEnd().split("\n").slice(-12).join("\n");
}
