import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, chown, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { browserUser } from "#cli/session/world.ts";
import { eventually } from "./eventually.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A user's desktop without a screen: sway, looked at and typed into from outside. */
export interface Compositor extends AsyncDisposable {
  /** Its socket. */
  display: string;
  /** What a program on it is told. */
  environment: Record<string, string>;
  windows(): Promise<Window[]>;
  /** One window whose title matches, waited for. */
  window(title: RegExp): Promise<Window>;
  /** Types as a keyboard does: wtype's own arguments. */
  type(...parameters: string[]): Promise<void>;
  /** Types until there is a window whose title matches: a program that is still busy may miss keys. */
  typeUntil(title: RegExp, ...lines: string[][]): Promise<void>;
  /** Closes a window as a click on its button does. */
  close(app: string): Promise<void>;
  /** A picture of the whole screen, a PNG. */
  picture(path: string): Promise<void>;
  /** The colours of a screen, as 0xRRGGBB: this one's, or whatever is seen through another socket. */
  colours(display?: string): Promise<Set<number>>;
  /** Ends it at once, as a crash does. */
  kill(): Promise<void>;
}

export interface Window {
  title: string;
  app: string;
}

const CONFIGURATION = `
output HEADLESS-1 resolution 1280x800
default_border none
xwayland disable
swaybg_command -
`;
const START_LIMIT = 30_000;
const WINDOW_LIMIT = 60_000;
const TYPED_LIMIT = 15_000;
/** Milliseconds before the first key, since each run of wtype has a key map of its own, and between keys. */
const UNHURRIED = ["-s", "300", "-d", "20"];

/** The part of sway's tree that is looked at. */
interface Node {
  name: string | null;
  app_id?: string | null;
  pid?: number;
  nodes: Node[];
  floating_nodes: Node[];
}

/** @param program the words that start sway, and what it needs in its environment */
export async function startCompositor({ command, environment }: Sway = DEBIAN_SWAY): Promise<Compositor> {
  await using parts = new AsyncDisposableStack();
  const home = parts.use(await temporaryDirectory()).path;
  const runtime = join(home, "run");
  // It does not run as root.
  const user = browserUser({ uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  await mkdir(runtime, { mode: 0o700 });
  await writeFile(join(home, "config"), CONFIGURATION);
  await chmod(home, 0o755);
  await chown(runtime, user.uid, user.gid);
  const ipc = join(runtime, "sway.sock");
  const [program = "", ...before] = command;
  const sway = spawn(program, [...before, "--config", join(home, "config")], {
    env: {
      PATH: process.env.PATH,
      HOME: runtime,
      LANG: "C.UTF-8",
      XDG_RUNTIME_DIR: runtime,
      SWAYSOCK: ipc,
      WLR_BACKENDS: "headless",
      WLR_RENDERER: "pixman",
      WLR_LIBINPUT_NO_DEVICES: "1",
      ...environment,
    },
    stdio: "ignore",
    cwd: "/",
    ...user,
  });
  const ended = once(sway, "exit");
  const end = (signal: NodeJS.Signals) => async (): Promise<void> => {
    sway.kill(signal);
    await ended;
  };
  parts.defer(end("SIGTERM"));
  const told = { XDG_RUNTIME_DIR: runtime, WAYLAND_DISPLAY: "wayland-1" };
  const run = (name: string, parameters: string[]) => execa(name, parameters, { env: { ...told, SWAYSOCK: ipc } });
  await eventually(
    "sway",
    async () => (await execa("swaymsg", ["-s", ipc, "-t", "get_version"], { reject: false })).exitCode === 0,
    START_LIMIT,
  );

  // A desktop has a keyboard all the time, and not only while something is typed.
  const keyboard = spawn("wtype", ["-s", "3600000"], { env: { ...process.env, ...told }, stdio: "ignore" });
  parts.defer(() => void keyboard.kill());

  async function windows(): Promise<Window[]> {
    const root: Node = JSON.parse((await run("swaymsg", ["-t", "get_tree"])).stdout);
    return windowsBelow(root);
  }

  async function type(...parameters: string[]): Promise<void> {
    await run("wtype", [...UNHURRIED, ...parameters]);
  }

  const kept = parts.move();
  return {
    display: join(runtime, "wayland-1"),
    environment: { WAYLAND_DISPLAY: join(runtime, "wayland-1"), XDG_SESSION_TYPE: "wayland" },
    windows,
    window: (title) =>
      eventually(
        `a window with the title ${title}`,
        async () => (await windows()).find((window) => title.test(window.title)),
        WINDOW_LIMIT,
      ),
    type,
    typeUntil: async (title, ...lines) => {
      await eventually(
        `a window with the title ${title}, by typing`,
        async () => {
          for (const line of lines) await type(...line);
          const isThere = async () => (await windows()).some((window) => title.test(window.title));
          return await eventually("it", isThere, TYPED_LIMIT).catch(() => false);
        },
        2 * WINDOW_LIMIT,
      );
    },
    close: async (app) => void (await run("swaymsg", [`[app_id="${app}"] kill`])),
    picture: async (path) => void (await run("grim", [path])),
    colours: async (display = told.WAYLAND_DISPLAY) => {
      const path = join(home, "screen.ppm");
      await execa("grim", ["-t", "ppm", path], { env: { ...told, WAYLAND_DISPLAY: display } });
      return coloursOf(await readFile(path));
    },
    kill: end("SIGKILL"),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

export interface Sway {
  command: string[];
  environment: Record<string, string>;
}

/** The one of this system: it offers everything to everybody (1.7), and knows no security contexts. */
const DEBIAN_SWAY: Sway = { command: ["sway"], environment: {} };

/** Of a picture in the format ppm(5), with three bytes a pixel. */
function coloursOf(picture: Buffer): Set<number> {
  const [header = ""] = /^P6\s+\d+\s+\d+\s+255\s/.exec(picture.subarray(0, 64).toString("latin1")) ?? [];
  const seen = new Set<number>();
  for (let at = header.length; at + 3 <= picture.length; at += 3) seen.add(picture.readUIntBE(at, 3));
  return seen;
}

function windowsBelow({ name, app_id: app, pid, nodes, floating_nodes: floating }: Node): Window[] {
  const own = pid === undefined ? [] : [{ title: name ?? "", app: app ?? "" }];
  return [...own, ...[...nodes, ...floating].flatMap(windowsBelow)];
}
