import { lstat, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { notWritable } from "#wire/not-writable.ts";
import { runtimeDirectory } from "#wire/runtime-directory.ts";

/** Postern's own directories, after the XDG Base Directory Specification. */
export interface Places {
  /** Sockets and what lives no longer than a session. */
  runtime: string;
  state: string;
  /** The vault's log. The vault may write all of it, so nothing else lies there. */
  log: string;
  config: string;
  data: string;
}

/** @param temporary the directory for temporary files, used where XDG_RUNTIME_DIR is not set */
export function placesOf(environment: NodeJS.ProcessEnv, home: string, uid: number, temporary: string): Places {
  const base = (variable: string, otherwise: string): string => {
    const value = environment[variable];
    // The specification wants paths that are not absolute ignored.
    return value?.startsWith("/") === true ? value : otherwise;
  };
  const state = join(base("XDG_STATE_HOME", join(home, ".local/state")), "postern");
  return {
    runtime: runtimeDirectory(environment, uid, temporary),
    state,
    log: join(state, "log"),
    config: join(base("XDG_CONFIG_HOME", join(home, ".config")), "postern"),
    data: join(base("XDG_DATA_HOME", join(home, ".local/share")), "postern"),
  };
}

/**
 * Makes a directory that only its owner can enter, or checks that the one there is such.
 * @throws PosternError `internal` when it can not be made, belongs to somebody else, is open to others or is a link
 */
export async function ensurePrivateDirectory(path: string, uid: number): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw notWritable(path, error);
  });
  await requirePrivateDirectory(path, uid);
}

/**
 * False when there is none.
 * @throws PosternError `internal` when it belongs to somebody else, is open to others or is a link
 */
export async function requirePrivateDirectory(path: string, uid: number): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (found === undefined) return false;
  if (found.isDirectory() && found.uid === uid && (found.mode & 0o077) === 0) return true;
  throw new PosternError(
    "internal",
    `${path} is not a directory of yours alone.`,
    `Look at what made it, then remove it, or set its owner and mode: chmod 700 ${path}`,
  );
}
