import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { askByCommand } from "#consent/ask-by-command.ts";
import { type Terminal, askByPinentry } from "#consent/ask-by-pinentry.ts";
import { type ChooseEntry, chooseByProgram } from "#consent/choose-by-program.ts";
import { type AskPerson, type Timer, askFairly, createFairness } from "#consent/person.ts";
import type { Configuration } from "#wire/config.ts";

const FLAVOUR_DEADLINE = 5_000;

/** Who is asked for consent, and whether that happens on the terminal, which then has to stay. */
export interface Asking {
  ask: AskPerson | undefined;
  choose: ChooseEntry;
  /** The program that draws the questions; empty for none. */
  asks: string;
  needsTerminal: boolean;
}

/**
 * The configured command; else the user's own pinentry, where it has a display or a terminal to draw on; else nobody,
 * and then every question is refused.
 * @param bundles the folder of the programs
 */
export async function choosePerson(
  configuration: Configuration,
  environment: NodeJS.ProcessEnv,
  gnupgEnvironment: Record<string, string>,
  terminal: Terminal | undefined,
  bundles: string,
): Promise<Asking> {
  const timer: Timer = [process.execPath, join(bundles, "postern-prompt.cjs")];
  const fairly = createFairness();
  const choose = chooseByProgram(configuration.consent?.chooser, environment, fairly, timer);
  const command = configuration.consent?.command;
  if (command !== undefined)
    return {
      ask: askFairly(askByCommand(command, timer), fairly),
      choose,
      asks: command[0] ?? "",
      needsTerminal: false,
    };
  const hasDisplay = environment.WAYLAND_DISPLAY !== undefined || environment.DISPLAY !== undefined;
  if (!hasDisplay && terminal === undefined) return { ask: undefined, choose, asks: "", needsTerminal: false };
  const program = await pinentryOf(gnupgEnvironment);
  const isTextual = terminal !== undefined && (await drawsText(program, environment));
  const ask = askFairly(askByPinentry(program, environment, timer, terminal), fairly);
  return { ask, choose, asks: program, needsTerminal: !hasDisplay || isTextual };
}

/** Whether a pinentry draws on a terminal though there is a display: it knows no other way, or fell back to it. */
async function drawsText(program: string, environment: NodeJS.ProcessEnv): Promise<boolean> {
  const input = "GETINFO flavor\nBYE\n";
  const options = {
    env: environment,
    extendEnv: false,
    reject: false,
    stderr: "ignore",
    timeout: FLAVOUR_DEADLINE,
  } as const;
  const { stdout } = await execa(program, [], { ...options, input });
  return /^D (?:curses|tty|.*:curses)$/m.test(stdout);
}

/** The pinentry that the user's gpg-agent uses: the one its configuration names, else GnuPG's own default. */
async function pinentryOf(environment: Record<string, string>): Promise<string> {
  const options = { env: environment, extendEnv: false, reject: false, stderr: "ignore" } as const;
  const { stdout: home } = await execa("gpgconf", ["--list-dirs", "homedir"], options);
  const settings = await readFile(join(decodeURIComponent(home.trim()), "gpg-agent.conf"), "utf8").catch(() => "");
  const configured = /^\s*pinentry-program\s+(.+?)\s*$/m.exec(settings)?.[1];
  if (configured !== undefined) return configured;
  const { stdout: components } = await execa("gpgconf", ["--list-components"], options);
  return /^pinentry:[^:]*:([^:]+)/m.exec(components)?.[1] ?? "pinentry";
}
