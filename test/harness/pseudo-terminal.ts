import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "./eventually.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A program on a terminal of its own, typed to from here. */
export interface OnTerminal extends AsyncDisposable {
  type(keys: string): void;
  /** Everything drawn so far, escape sequences taken out. */
  screen(): string;
  /** The program's exit code, once it has ended. */
  exitCode(): Promise<number | null>;
}

/** @param command a line for the shell */
export function onTerminal(command: string, environment: Record<string, string | undefined>): OnTerminal {
  // `script` (Debian's essential bsdutils) holds a pseudo-terminal open for as long as its program runs.
  const child = spawn("script", ["-qfec", `stty rows 40 cols 120; ${command}`, "/dev/null"], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...environment, TERM: "xterm", SHELL: "/bin/sh" },
  });
  const ended = once(child, "exit");
  let drawn = "";
  // A letter may come in two pieces.
  child.stdout.setEncoding("utf8").on("data", (piece: string) => (drawn += piece));
  return {
    type: (keys) => void child.stdin.write(keys),
    // oxlint-disable-next-line no-control-regex -- what a terminal is sent begins with ESC
    screen: () => drawn.replaceAll(/\u001B(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])/g, ""),
    exitCode: async () => {
      await ended;
      return child.exitCode;
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A terminal without a program, that another can be told to draw on. */
export interface PseudoTerminal extends OnTerminal {
  tty: string;
}

export async function pseudoTerminal(): Promise<PseudoTerminal> {
  await using parts = new AsyncDisposableStack();
  const { path } = parts.use(await temporaryDirectory());
  const nameFile = join(path, "tty");
  const terminal = parts.use(onTerminal(`tty > ${nameFile}; sleep 600`, { PATH: process.env.PATH }));
  const tty = await eventually("a pseudo-terminal", async () => {
    const text = await readFile(nameFile, "utf8").catch(() => "");
    return text.endsWith("\n") && text.trim();
  });
  const kept = parts.move();
  return { ...terminal, tty, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
