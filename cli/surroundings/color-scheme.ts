import { stat } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

/** How long the desktop may take to tell, in milliseconds, the start of the program that asks included. */
const PATIENCE = 1_000;
const NAME = "org.freedesktop.portal.Desktop";
const PATH = "/org/freedesktop/portal/desktop";
const INTERFACE = "org.freedesktop.portal.Settings";
const SETTING = ["org.freedesktop.appearance", "color-scheme"];

/** The same question for each of the programs that may be there. */
const QUESTIONS: [program: string, parameters: string[]][] = [
  ["busctl", ["--user", "call", NAME, PATH, INTERFACE, "Read", "ss", ...SETTING]],
  ["gdbus", ["call", "--session", "--dest", NAME, "--object-path", PATH, "--method", `${INTERFACE}.Read`, ...SETTING]],
  [
    "dbus-send",
    [
      "--session",
      "--print-reply=literal",
      `--dest=${NAME}`,
      PATH,
      `${INTERFACE}.Read`,
      ...SETTING.map((word) => `string:${word}`),
    ],
  ],
];

/** Whether the desktop is dark, as it tells every program (XDG Desktop Portal, "Settings"); light where it says nothing. */
export async function findColorScheme(environment: NodeJS.ProcessEnv, patience = PATIENCE): Promise<"light" | "dark"> {
  // Without a bus some of these programs would start one.
  if (!(await hasBus(environment))) return "light";
  const signal = AbortSignal.timeout(patience);
  for (const [program, parameters] of QUESTIONS) {
    const { stdout, code } = await execa(program, parameters, {
      env: environment,
      extendEnv: false,
      reject: false,
      stdin: "ignore",
      stderr: "ignore",
      cancelSignal: signal,
    });
    if (code !== "ENOENT") return prefersDark(stdout ?? "") ? "dark" : "light";
  }
  return "light";
}

async function hasBus({ DBUS_SESSION_BUS_ADDRESS, XDG_RUNTIME_DIR }: NodeJS.ProcessEnv): Promise<boolean> {
  if (DBUS_SESSION_BUS_ADDRESS !== undefined) return DBUS_SESSION_BUS_ADDRESS !== "";
  if (XDG_RUNTIME_DIR === undefined) return false;
  return (await stat(join(XDG_RUNTIME_DIR, "bus")).catch(() => undefined))?.isSocket() === true;
}

/** @param reply `v v u 1`, `(<<uint32 1>>,)` or `variant variant uint32 1` */
function prefersDark(reply: string): boolean {
  return /\bu(?:int32)? 1\b/.test(reply);
}
