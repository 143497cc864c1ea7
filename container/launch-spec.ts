import { createHash } from "node:crypto";
import { dirname } from "node:path";
import type { ContainerCreateOptions as ContainerSpec, MountSettings } from "dockerode";
import { CPU, GIB, MIB, contained, inMemory, limitMemory } from "./contained.ts";
import { readOnly, writable } from "./mounts.ts";
import type { Store } from "#protocol/generated/control.ts";
import { type Desktop, desktopEnvironment, fontMounts } from "./desktop.ts";

// What each container is given. What is not written here it does not have.
//
// The browser is taken for hostile: a page may own it. It gets no capability, no way to gain one, a root it can not
// write, memory and processes up to a limit, its own profile, and one directory with the socket of its one gate. That
// directory is mounted read-only, so that the socket can be connected to and not be replaced; the vault could put another
// in its place on the way, so the browser starts only when it is the one that was made for it. There is no X11, no bus of
// the user's, no store, no key, no agent, no device and no engine's socket in it. With a window it gets one Wayland
// socket more, chosen so that it can not answer a prompt with it (cli/display/choose.ts), and a bus of its own inside.
//
// It can be heard and can not hear: the socket in the directory for sound is a relay's, which passes on playing and
// nothing else. What it downloads comes to lie in one folder of the user's that holds nothing else, and from which
// nothing runs inside; what a user then does with a file there is up to the user. What the desktop is like it may know
// (desktop.ts).
//
// The vault is trusted with decrypted entries, and not further: gpg's parser reads what others may have written. It
// has no network at all, so that what it knows can leave by the gates alone. It reads store, keyring and
// configuration; it writes its log and its sockets. It runs as the store's owner, for root as uid 0 without a
// capability, since only the owner can read the store. No private key comes near it. Several stores lie beside one
// another below /store, each mounted in a folder of its name; what is between them is the image's, and read-only as well.
//
// It does not protect from a hole in the kernel behind the calls that the seccomp profile allows, nor from the
// engine, which is root.
//
// A browser with the network `internet` is in the namespace of a container that does nothing, on a bridge of its own
// gate. A third container puts rules into that namespace before the browser starts, and renews them for as long as it
// runs (network-rules.ts); it alone has a capability, to administer that network. The local network stays open: people
// have a router and a printer there, and often their name server.

export type { ContainerSpec };

/** Where the browser has its folder for downloads; its policies name it too. */
export const DOWNLOADS = "/downloads";
export const SOUND = "/run/sound";
/** On a browser with a window: what kind of socket it has. */
export const DISPLAY_LABEL = "io.github.postern.display";
/** Where the vault sees its store, or a folder for each of several. */
const STORE = "/store";
const DISPLAY_IN_BROWSER = "/run/display/wayland";

export interface FirefoxInput {
  image: string;
  gate: string;
  /** `UID:GID`, never root's. */
  user: string;
  /** Holds bridge.sock and lies in the directory of all gates. */
  gateDirectory: string;
  /** `DEVICE:INODE` of the gate's directory, without which the browser does not start. */
  gateIdentity: string;
  /** A volume outlives the container; `ephemeral` lies in memory. */
  profile: { volume: string } | "ephemeral";
  network: "none" | "internet";
  desktop: Desktop;
  /** A folder for what it downloads, which its user may write. */
  downloads: string;
  /** Holds the sound relay's socket; undefined: there is no sound. */
  sound: string | undefined;
  /** Without a window, and driven from outside (Marionette, on the container's own loopback). */
  headless: boolean;
  /** With a window: where. */
  window?: FirefoxWindow;
}

export interface FirefoxWindow {
  /** A Wayland socket that the browser can do no harm with, and how that came to be. */
  socket: string;
  kind: "context" | "plain" | "nested";
  /** What is shown first; without it, Firefox's own start page. */
  page?: string;
  /** A port of the container's own loopback on which the project's login page is served. */
  loginPagePort?: number;
}

export interface VaultInput {
  image: string;
  /** `UID:GID` of the store's owner. */
  user: string;
  /** One, or several that all have a name. */
  stores: readonly Store[];
  /** A GNUPGHOME with public keys and the way to the agent's relay. */
  gnupg: string;
  /** Holds a directory for every gate. */
  gates: string;
  /** Holds consent.sock, control.sock and the agent relay's socket. */
  session: string;
  /** Holds config.toml, or nothing. */
  config: string;
  /** Holds audit.jsonl and what the broker counts, and nothing else. */
  log: string;
  demo: boolean;
}

export function firefoxSpec(input: FirefoxInput): ContainerSpec {
  const { image, gate, user, gateDirectory, gateIdentity, profile, network, desktop, downloads, sound } = input;
  const { headless, window } = input;
  const mounts: MountSettings[] = [readOnly(gateDirectory, "/run/postern"), writable(downloads, DOWNLOADS)];
  mounts.push(...fontMounts(desktop.fonts));
  if (sound !== undefined) mounts.push(readOnly(sound, SOUND));
  if (window !== undefined) mounts.push(readOnly(window.socket, DISPLAY_IN_BROWSER));
  if (profile !== "ephemeral") mounts.push({ Type: "volume", Source: profile.volume, Target: "/profile" });
  const session = sessionName(dirname(gateDirectory));
  const { Hostname, ...spec } = contained({ kind: "firefox", gate, session, image, user, seccomp: "browser" });
  return {
    ...spec,
    // Who joins a namespace has its name.
    ...(network === "none" ? { Hostname } : {}),
    ...(window === undefined ? {} : { Labels: { ...spec.Labels, [DISPLAY_LABEL]: window.kind } }),
    Cmd: headless ? ["--headless", "--marionette", "--remote-allow-system-access"] : windowArguments(window),
    Env: [
      "HOME=/tmp/home",
      "MOZ_CRASHREPORTER_DISABLE=1",
      `POSTERN_GATE=${gateIdentity}`,
      ...desktopEnvironment(desktop),
      ...(sound === undefined ? [] : [`PULSE_SERVER=unix:${SOUND}/native`]),
      ...windowEnvironment(window),
    ],
    HostConfig: {
      ...spec.HostConfig,
      NetworkMode: network === "none" ? "none" : `container:${namespaceName(gate, session)}`,
      Mounts: mounts,
      Tmpfs: { ...spec.HostConfig.Tmpfs, ...(profile === "ephemeral" ? { "/profile": inMemory(2 * GIB) } : {}) },
      // Firefox shares pictures between its processes here; Docker's default of 64 MiB makes tabs die.
      ShmSize: GIB,
      PidsLimit: 1024,
      ...limitMemory(4 * GIB),
      CpuQuota: 4 * CPU,
    },
  };
}

function windowArguments(window?: FirefoxWindow): string[] {
  return window?.page === undefined ? [] : ["--url", window.page];
}

function windowEnvironment(window?: FirefoxWindow): string[] {
  if (window === undefined) return [];
  const { loginPagePort } = window;
  return [
    `WAYLAND_DISPLAY=${DISPLAY_IN_BROWSER}`,
    // Firefox stands between its processes and the compositor with a socket of its own there.
    "XDG_RUNTIME_DIR=/tmp/home",
    // Of the container's own (container/firefox/bus.conf).
    "DBUS_SESSION_BUS_ADDRESS=unix:path=/tmp/bus",
    ...(loginPagePort === undefined ? [] : [`POSTERN_LOGIN_PAGE=${loginPagePort}`]),
  ];
}

export function vaultSpec(input: VaultInput): ContainerSpec {
  const { image, user, stores, gnupg, gates, session, config, log, demo } = input;
  const spec = contained({ kind: "vault", session: sessionName(gates), image, user, seccomp: "vault" });
  const names = stores.flatMap(({ name }) => name ?? []);
  const options = [
    ["--store", STORE],
    names.length === 0 ? [] : ["--stores", names.join(",")],
    ["--gnupg", "/run/postern/gnupg"],
    ["--gates", "/run/postern/gates"],
    ["--session", "/run/postern/session"],
    ["--config", "/etc/postern/config.toml"],
    ["--state", "/var/lib/postern"],
  ].flat();
  return {
    ...spec,
    Cmd: [...options, ...(demo ? ["--demo"] : [])],
    Env: ["HOME=/tmp", "GNUPGHOME=/run/postern/gnupg", "LANG=C.UTF-8"],
    HostConfig: {
      ...spec.HostConfig,
      NetworkMode: "none",
      Mounts: [
        ...stores.map(({ name, path }) => readOnly(path, name === undefined ? STORE : `${STORE}/${name}`)),
        readOnly(gnupg, "/run/postern/gnupg"),
        readOnly(session, "/run/postern/session"),
        readOnly(config, "/etc/postern"),
        writable(gates, "/run/postern/gates"),
        writable(log, "/var/lib/postern"),
      ],
      PidsLimit: 128,
      ...limitMemory(512 * MIB),
      CpuQuota: CPU,
    },
  };
}

interface NamespaceInput {
  image: string;
  gate: string;
  session: string;
  user: string;
}

/** Holds the network namespace of one gate's browser, and does nothing. */
export function namespaceSpec({ network, ...input }: NamespaceInput & { network: string }): ContainerSpec {
  const spec = contained({ kind: "network", ...input, seccomp: "browser" });
  return {
    ...spec,
    Entrypoint: ["/bin/sleep", "infinity"],
    Cmd: [],
    HostConfig: { ...spec.HostConfig, NetworkMode: network, PidsLimit: 8, ...limitMemory(32 * MIB) },
  };
}

/** Puts the rules into that namespace (kept-rules.ts), on being asked. */
export function guardSpec(input: NamespaceInput): ContainerSpec {
  const { Hostname: _, ...spec } = contained({ kind: "guard", ...input, user: "0:0", seccomp: "guard" });
  return {
    ...spec,
    Entrypoint: ["/bin/sleep", "infinity"],
    Cmd: [],
    HostConfig: {
      ...spec.HostConfig,
      NetworkMode: `container:${namespaceName(input.gate, input.session)}`,
      CapAdd: ["NET_ADMIN"],
      PidsLimit: 16,
      ...limitMemory(64 * MIB),
    },
  };
}

function namespaceName(gate: string, session: string): string {
  return `postern-network-${gate}-${session}`;
}

/** The name that both kinds of containers of one session share; sessions differ in where their gates are. */
export function sessionName(gates: string): string {
  return createHash("sha256").update(gates).digest("hex").slice(0, 8);
}
