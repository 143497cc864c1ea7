import { access, constants } from "node:fs/promises";
import { basename, join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import type { Choice, PickQuestion } from "#protocol/generated/consent.ts";
import type { Fairly, Shown, Timer } from "./person.ts";
import { runInGroup } from "./process-group.ts";
import { inert } from "./prompt-text.ts";

/** Lets a person choose one of many. @throws PosternError `no_consent_agent`, or the signal's reason */
export type ChooseEntry = (question: PickQuestion, entries: readonly string[], signal: AbortSignal) => Promise<Choice>;

/** How a program is told the prompt and the lines. Most take the lines on their input, and print the chosen one. */
interface Program {
  parameters: (prompt: string) => string[];
  needs: "WAYLAND_DISPLAY" | "DISPLAY" | undefined;
}

/** What a program that is not known is taken for, as the many that stand in for dmenu are. */
const LIKE_DMENU = (prompt: string): string[] => ["-p", prompt];

/** Characters for what is typed, and for names. */
const ROOM = 40;

/** In the order in which they are looked for. */
const PROGRAMS: Record<string, Program> = {
  fuzzel: {
    // It cuts a prompt off that its window is too narrow for, and has 30 characters by itself.
    parameters: (prompt) => ["--dmenu", "--width", String(prompt.length + ROOM), "--prompt", prompt],
    needs: "WAYLAND_DISPLAY",
  },
  wofi: { parameters: (prompt) => ["--dmenu", "--prompt", prompt], needs: "WAYLAND_DISPLAY" },
  rofi: { parameters: (prompt) => ["-dmenu", "-i", "-no-custom", "-p", prompt], needs: undefined },
  bemenu: { parameters: (prompt) => ["--ignorecase", "--list", "20", "--prompt", prompt], needs: undefined },
  dmenu: { parameters: (prompt) => ["-i", "-l", "20", "-p", prompt], needs: "DISPLAY" },
  zenity: {
    parameters: (prompt) => ["--list", "--title", "Postern", "--text", prompt, "--column", "Entry"],
    needs: undefined,
  },
};

/** What the timer ends with where there is no such program, or where it may not be run. */
const [NOT_THERE, NOT_RUN] = [127, 126];

/** How many may wait for their turn: a vault that was broken in must not have all of the memory taken by long lists. */
const MAX_WAITING = 8;

/**
 * Chooses with the configured program, else with the first one of those known that is there and can draw here.
 * @param fairly shared with the questions: no two prompts at once
 */
export function chooseByProgram(
  configured: readonly string[] | undefined,
  environment: NodeJS.ProcessEnv,
  fairly: Fairly,
  timer: Timer,
): ChooseEntry {
  let waiting = 0;

  return async (question, entries, signal) => {
    if (waiting >= MAX_WAITING) throw busy();
    waiting += 1;
    try {
      return await chooseFrom(question, entries, signal);
    } finally {
      waiting -= 1;
    }
  };

  async function chooseFrom(question: PickQuestion, entries: readonly string[], signal: AbortSignal): Promise<Choice> {
    const program = configured?.[0] ?? (await findProgram(environment));
    if (program === undefined) throw none();
    const name = basename(program);
    const prompt = promptOf(question);
    const parameters = [...(configured ?? []).slice(1), ...(PROGRAMS[name]?.parameters ?? LIKE_DMENU)(prompt)];
    const command = [...timer, "chooser", program, ...parameters] as const;
    const place = await fairly((either) => choose(command, program, entries, environment, either), signal);
    return typeof place === "number" ? { answer: "chosen", place } : { answer: place };
  }
}

async function choose(
  command: readonly [string, ...string[]],
  program: string,
  lines: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<Shown<number | "deny">> {
  signal.throwIfAborted();
  const result = await runInGroup(command, { environment, input: `${lines.join("\n")}\n` }, signal);
  signal.throwIfAborted();
  if (result.exitCode === NOT_THERE || result.exitCode === NOT_RUN) throw none();
  // Which is nobody's no. A shell tells of a signal by what is above 128.
  if (result.signal !== undefined || (result.exitCode ?? 0) > 128) throw crashed(program);
  const place = result.failed ? -1 : lines.indexOf(result.stdout);
  // Whoever closes it, or types what is not there, has chosen nothing.
  return { answer: place < 0 ? "deny" : place, shownFor: result.shownFor };
}

async function findProgram(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const hasDisplay = environment.WAYLAND_DISPLAY !== undefined || environment.DISPLAY !== undefined;
  const folders = (environment.PATH ?? "").split(":").filter((folder) => folder.startsWith("/"));
  for (const [name, { needs }] of hasDisplay ? Object.entries(PROGRAMS) : []) {
    if (needs !== undefined && environment[needs] === undefined) continue;
    for (const folder of folders) {
      const path = join(folder, name);
      if (await isExecutable(path)) return path;
    }
  }
  return undefined;
}

async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The origin first and complete. */
function promptOf({ gate, origin, topOrigin }: PickQuestion): string {
  const place = topOrigin === undefined ? "" : ` in ${inert(topOrigin)}`;
  return `${inert(origin)}${place} (${inert(gate)}): `;
}

function busy(): PosternError {
  return new PosternError(
    "busy",
    "Too many lists wait to be chosen from.",
    "Close the one that is open, then try again.",
  );
}

function crashed(program: string): PosternError {
  return new PosternError(
    "no_consent_agent",
    "The program to choose an entry with has crashed.",
    `Try it by hand: ${basename(program)}; or set another one as consent.chooser in config.toml.`,
  );
}

function none(): PosternError {
  return new PosternError(
    "no_consent_agent",
    "There is no program to choose an entry with.",
    "Install fuzzel, wofi, rofi, bemenu, dmenu or zenity, or set consent.chooser in config.toml.",
  );
}
