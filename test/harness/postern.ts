import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Container } from "#container/containers.ts";
import { type Engine, connectEngine } from "#container/engine.ts";
import { sessionName } from "#container/launch-spec.ts";
import { connectMarionette } from "#container/marionette-connect.ts";
import type { Marionette } from "#container/marionette.ts";
import { profileName } from "#container/profiles.ts";
import { temporaryDirectory } from "./temporary.ts";

const PROGRAM = join(import.meta.dirname, "../../dist/postern.cjs");

export interface Run {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** The `postern` command as it ships, with a home, state and run-time directory of its own. */
export interface TestPostern extends AsyncDisposable {
  home: string;
  /** A gate's name that nobody else has: the profile's volume, which goes at the end, is named for it. */
  gate: string;
  environment: Record<string, string>;
  /** What the names of its containers end with. */
  session: string;
  /** The command's words for a shell. */
  command: string;
  run(...parameters: string[]): Promise<Run>;
  engine: Engine;
  /** The running container of the gate's browser, or of the vault. */
  container(kind: "firefox" | "vault"): Promise<Container>;
  /** Drives the browser of the gate. */
  browser(): Promise<Marionette>;
  log(): Promise<Record<string, unknown>[]>;
}

export async function testPostern(extra: Record<string, string> = {}): Promise<TestPostern> {
  const temporary = await temporaryDirectory();
  const home = temporary.path;
  const gate = `test-${basename(home).slice(3).toLowerCase()}`;
  const runtime = join(home, "run");
  await mkdir(runtime, { mode: 0o700 });
  const environment = {
    PATH: process.env.PATH ?? "",
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    LANG: "C.UTF-8",
    ...(process.env.DOCKER_HOST === undefined ? {} : { DOCKER_HOST: process.env.DOCKER_HOST }),
    ...extra,
  };
  const engine = await connectEngine(process.env);
  const session = sessionName(join(runtime, "postern/gates"));

  async function run(...parameters: string[]): Promise<Run> {
    const child = spawn(process.execPath, [PROGRAM, ...parameters], {
      env: environment,
      cwd: home,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (piece: Buffer) => (stdout += piece.toString()));
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const [exitCode] = await once(child, "close");
    return { exitCode, stdout, stderr };
  }

  async function container(kind: "firefox" | "vault"): Promise<Container> {
    const name = ["postern", kind, ...(kind === "firefox" ? [gate] : []), session].join("-");
    const found = await engine.getContainer(name).inspect();
    const exited = new Promise<never>(() => undefined);
    return { id: found.Id, name, image: found.Config.Image, exited, [Symbol.asyncDispose]: async () => undefined };
  }

  return {
    home,
    gate,
    environment,
    session,
    command: `${process.execPath} ${PROGRAM}`,
    run,
    engine,
    container,
    browser: async () => connectMarionette(engine, await container("firefox"), AbortSignal.timeout(120_000)),
    log: async () => {
      const text = await readFile(join(home, ".local/state/postern/log/audit.jsonl"), "utf8");
      return text
        .trimEnd()
        .split("\n")
        .map((line): Record<string, unknown> => JSON.parse(line));
    },
    [Symbol.asyncDispose]: async () => {
      await run("down");
      await engine
        .getVolume(profileName(engine.owner, gate))
        .remove()
        .catch(() => undefined);
      await rm(join(home, ".local"), { recursive: true, force: true });
      await temporary[Symbol.asyncDispose]();
    },
  };
}
