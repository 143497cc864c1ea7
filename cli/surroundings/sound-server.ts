import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Surroundings } from "#protocol/generated/control.ts";

type SoundServer = NonNullable<Surroundings["sound"]>;

/**
 * The socket at which PulseAudio, or PipeWire in its place, serves this user: the first that is there of those in
 * PULSE_SERVER, else the usual one (PulseAudio, "Server strings"). A server on another machine is none.
 */
export async function findSoundServer(environment: NodeJS.ProcessEnv, home: string): Promise<SoundServer | undefined> {
  const { PULSE_SERVER = "", PULSE_COOKIE = "", XDG_CONFIG_HOME = "" } = environment;
  const config = XDG_CONFIG_HOME.startsWith("/") ? XDG_CONFIG_HOME : join(home, ".config");
  const cookie = PULSE_COOKIE.startsWith("/") ? PULSE_COOKIE : join(config, "pulse/cookie");
  const places = PULSE_SERVER === "" ? usualPlaces(environment) : pathsOf(PULSE_SERVER);
  for (const server of places) {
    const found = await stat(server).catch(() => undefined);
    if (found?.isSocket() === true) return { server, cookie };
  }
  return undefined;
}

function usualPlaces({ PULSE_RUNTIME_PATH = "", XDG_RUNTIME_DIR = "" }: NodeJS.ProcessEnv): string[] {
  const places = [PULSE_RUNTIME_PATH, XDG_RUNTIME_DIR === "" ? "" : join(XDG_RUNTIME_DIR, "pulse")];
  return places.filter((place) => place.startsWith("/")).map((place) => join(place, "native"));
}

/** Each may begin with the name of the machine that it holds for, in braces. */
function pathsOf(servers: string): string[] {
  const paths = servers.split(/\s+/).map((server) => server.replace(/^\{[^}]*\}/, "").replace(/^unix:/, ""));
  return paths.filter((path) => path.startsWith("/"));
}
