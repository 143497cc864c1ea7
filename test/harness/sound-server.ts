import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { connectSocket } from "#wire/socket.ts";
import { eventually } from "./eventually.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A real PulseAudio with one output that leads nowhere, `test`, and so one source, `test.monitor`. */
export interface TestSoundServer extends AsyncDisposable {
  socket: string;
  /** What programs that are to use it need in their environment. */
  environment: Record<string, string>;
  /** What plays, by the name that its program gives itself. */
  playing(): Promise<string[]>;
  /** What a program of PulseAudio's own says about the server: `pactl WORDS`. */
  pactl(...words: string[]): Promise<string>;
}

/**
 * @param runtime where the socket goes, `RUNTIME/pulse/native`
 * @param cookie the file by which it knows its user, and which it makes. Whoever has neither that nor sends credentials
 *   with the greeting is a stranger, unless the server has asked the kernel for them by then.
 */
export async function startSoundServer(runtime: string, cookie: string): Promise<TestSoundServer> {
  await using parts = new AsyncDisposableStack();
  const { path: home } = parts.use(await temporaryDirectory());
  const directory = join(runtime, "pulse");
  for (const folder of [directory, dirname(cookie)]) await mkdir(folder, { recursive: true, mode: 0o700 });
  const socket = join(directory, "native");
  const script = join(home, "script.pa");
  const modules = [
    "module-null-sink sink_name=test",
    `module-native-protocol-unix socket=${socket} auth-cookie=${cookie}`,
  ];
  await writeFile(script, modules.map((module) => `load-module ${module}\n`).join(""));
  const options = ["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", `--file=${script}`];
  // Without a bus: it would look for one.
  const environment = { PATH: process.env.PATH ?? "", HOME: home, XDG_RUNTIME_DIR: home, LANG: "C.UTF-8" };
  const server = spawn("pulseaudio", options, { env: environment, stdio: "ignore" });
  parts.defer(async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill();
    await once(server, "exit", { signal: AbortSignal.timeout(10_000) });
  });
  // Its socket is there before it listens.
  await eventually("a sound server", () => answers(socket));
  const ofClients = { ...environment, PULSE_SERVER: `unix:${socket}` };
  const pactl = async (...words: string[]): Promise<string> =>
    (await promisify(execFile)("pactl", words, { env: ofClients })).stdout;
  const kept = parts.move();
  return {
    socket,
    environment: ofClients,
    pactl,
    playing: async () => {
      const [, ...streams] = (await pactl("list", "sink-inputs")).split("Sink Input #");
      return streams.map((stream) => /application\.name = "(.*)"/.exec(stream)?.[1] ?? "");
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function answers(path: string): Promise<boolean> {
  const socket = await connectSocket(path).catch(() => undefined);
  socket?.destroy();
  return socket !== undefined;
}
