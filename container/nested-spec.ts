import { CPU, GIB, MIB, contained, limitMemory } from "./contained.ts";
import type { ContainerSpec } from "./launch-spec.ts";
import { readOnly, writable } from "./mounts.ts";

// What the nested compositor, cage, is given.
//
// It reads every byte that the browser sends to its display, in C, and the browser is taken for hostile: so cage is, too.
// It runs as the browser's user from the browser's image, with no capability and no way to gain one, no network, a root
// that it can not write, memory and processes up to a limit, and the vault's filter on system calls, which has no
// socket family but Unix's. Two things are mounted: the socket of the user's compositor, and the directory in which it
// makes the browser's. There is no gate, no profile, no home, no agent, no bus, no device and no engine's socket in it.
// It draws without a GPU.
//
// It does not protect from what the user's compositor lets a program do whose socket this is: a browser that breaks
// cage first has what cage has, and can press keys where that compositor lets everybody. Where it has security contexts, the socket is one's.

/** The name that cage, as every compositor of its family, gives its first socket in a directory. */
export const NESTED_SOCKET = "wayland-0";

const DISPLAY = "/run/display/wayland";
const MADE = "/run/nested";
/** Cage waits for the program that it shows, so that one ends when cage hangs up; it shows nothing. */
const SHOWN = `socket S, AF_UNIX, SOCK_STREAM, 0; connect S, pack_sockaddr_un("${MADE}/${NESTED_SOCKET}"); sysread S, $_, 1`;

export interface NestedInput {
  /** The browser's, which has cage as well. */
  image: string;
  gate: string;
  session: string;
  /** `UID:GID`, the browser's. */
  user: string;
  /** The socket of the user's compositor. */
  display: string;
  /** Empty, and the user's: the socket is made there. */
  directory: string;
  /** The user's, of which it is told how a keyboard is laid out and how large a pointer is. */
  environment: NodeJS.ProcessEnv;
}

export function nestedSpec({ display, directory, environment, ...input }: NestedInput): ContainerSpec {
  const spec = contained({ kind: "display", ...input, seccomp: "vault" });
  return {
    ...spec,
    Entrypoint: ["/usr/bin/cage", "-d", "--", "/usr/bin/perl", "-MSocket", "-e", SHOWN],
    Cmd: [],
    Env: [
      "HOME=/tmp",
      `XDG_RUNTIME_DIR=${MADE}`,
      `WAYLAND_DISPLAY=${DISPLAY}`,
      "WLR_BACKENDS=wayland",
      "WLR_RENDERER=pixman",
      // It would start an X server for whoever asks.
      "WLR_XWAYLAND=/bin/false",
      ...inputSettings(environment),
    ],
    HostConfig: {
      ...spec.HostConfig,
      NetworkMode: "none",
      Mounts: [readOnly(display, DISPLAY), writable(directory, MADE)],
      // The pictures that it hands on lie there, several of a whole screen's size.
      ShmSize: GIB,
      PidsLimit: 32,
      ...limitMemory(GIB + 256 * MIB),
      CpuQuota: 2 * CPU,
    },
  };
}

function inputSettings(environment: NodeJS.ProcessEnv): string[] {
  const isKept = (name: string): boolean => name.startsWith("XKB_DEFAULT_") || name === "XCURSOR_SIZE";
  return Object.entries(environment).flatMap(([name, value = ""]) => (isKept(name) ? [`${name}=${value}`] : []));
}
