import { basename, dirname, join } from "node:path";
import { CPU, MIB, contained, limitMemory } from "./contained.ts";
import type { ContainerSpec } from "./launch-spec.ts";
import { readOnly, writable } from "./mounts.ts";

// The relay that stands between the browser and the sound server of the session (host-bridge/relays/sound/filter.ts).
//
// It reads what a hostile browser sends, so it is taken for one that may be broken: a container with no network, no home,
// no store, no agent, no bus and no gate. It has the sound server's socket, the cookie where there is one, and a directory
// for the socket that it makes. It runs as the user of the session, since the server wants to see that user; for root
// as uid 0 without a capability.
//
// It does not protect from what a sound server lets its clients do: a browser that breaks the relay first has that.

export interface SoundInput {
  /** The browser's, which has the relay as well. */
  image: string;
  gate: string;
  session: string;
  /** `UID:GID` of the session. */
  user: string;
  /** The sound server's socket. */
  server: string;
  /** The file by which the server may know its user, where there is one. */
  cookie: string | undefined;
  /** The socket for the browser is made there. */
  directory: string;
}

/** The socket's name in that directory. */
export const SOUND_SOCKET = "native";

const MADE = "/run/sound";
const SERVER = "/run/server";
const COOKIE = "/run/cookie";

export function soundSpec({ server, cookie, directory, ...input }: SoundInput): ContainerSpec {
  const spec = contained({ kind: "sound", ...input, seccomp: "vault" });
  // A server that is started again makes another socket; its own directory, where it has one, shows the next as well.
  const isOwn = basename(dirname(server)) === "pulse";
  const path = isOwn ? join(SERVER, basename(server)) : SERVER;
  return {
    ...spec,
    Entrypoint: ["/usr/libexec/postern/node", "--max-old-space-size=64", "/usr/libexec/postern/postern-sound.cjs"],
    Cmd: [join(MADE, SOUND_SOCKET), path, COOKIE],
    Env: ["HOME=/tmp"],
    HostConfig: {
      ...spec.HostConfig,
      NetworkMode: "none",
      Mounts: [
        writable(directory, MADE),
        readOnly(isOwn ? dirname(server) : server, SERVER),
        ...(cookie === undefined ? [] : [readOnly(cookie, COOKIE)]),
      ],
      PidsLimit: 32,
      ...limitMemory(192 * MIB),
      CpuQuota: CPU,
    },
  };
}
