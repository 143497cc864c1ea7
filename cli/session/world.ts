import type { Places } from "../places.ts";

/** What the session process may know of the world, read once by its entry. */
export interface World {
  environment: NodeJS.ProcessEnv;
  home: string;
  uid: number;
  gid: number;
  places: Places;
  /** The folder of the bundles. */
  bundles: string;
  /** Milliseconds since the epoch. */
  now: () => number;
}

/** The user that a browser's container runs as: the user's own; for root, nobody that exists, never root. */
export function browserUser({ uid, gid }: Pick<World, "uid" | "gid">): { uid: number; gid: number } {
  const UNPRIVILEGED = 65_532;
  return uid === 0 ? { uid: UNPRIVILEGED, gid: UNPRIVILEGED } : { uid, gid };
}

/** The environment of what talks to the desktop over its bus: built from nothing. */
export function busEnvironment({ environment, home }: Pick<World, "environment" | "home">): Record<string, string> {
  const { PATH = "/usr/bin:/bin", XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS } = environment;
  return {
    PATH,
    HOME: home,
    LANG: "C.UTF-8",
    ...(XDG_RUNTIME_DIR === undefined ? {} : { XDG_RUNTIME_DIR }),
    ...(DBUS_SESSION_BUS_ADDRESS === undefined ? {} : { DBUS_SESSION_BUS_ADDRESS }),
  };
}

/** The environment of gpg and gpgconf: built from nothing. */
export function gpgEnvironment(
  { environment, home }: Pick<World, "environment" | "home">,
  gnupg: string | undefined,
): Record<string, string> {
  const { PATH = "/usr/bin:/bin", XDG_RUNTIME_DIR } = environment;
  return {
    PATH,
    HOME: home,
    LANG: "C.UTF-8",
    ...(gnupg === undefined ? {} : { GNUPGHOME: gnupg }),
    ...(XDG_RUNTIME_DIR === undefined ? {} : { XDG_RUNTIME_DIR }),
  };
}

/** The same for pass and its git: where git's own configuration lies, and whose signature `.gpg-id` has to have. */
export function writingEnvironment(
  { environment }: Pick<World, "environment">,
  ofGpg: Record<string, string>,
): Record<string, string> {
  const { PASSWORD_STORE_SIGNING_KEY, XDG_CONFIG_HOME } = environment;
  return {
    ...ofGpg,
    ...(XDG_CONFIG_HOME === undefined ? {} : { XDG_CONFIG_HOME }),
    ...(PASSWORD_STORE_SIGNING_KEY === undefined ? {} : { PASSWORD_STORE_SIGNING_KEY }),
  };
}
