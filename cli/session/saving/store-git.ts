import { readFile, readdir, readlink, stat, unlink } from "node:fs/promises";
import { basename, dirname, resolve } from "node:path";
import { execa } from "execa";

/** How old a lock has to be before it may be taken for one that was left behind, in milliseconds. */
const STALE_AFTER = 60_000;

/**
 * Whether git keeps the file as it is now; undefined where the store is not in git's care, neither all of it nor the
 * file's folder.
 * @param environment as pass's own
 */
export async function isCommitted(
  store: string,
  file: string,
  environment: Record<string, string>,
): Promise<boolean | undefined> {
  const git = gitIn(dirname(file), environment);
  const isInGit = await git("rev-parse", "--is-inside-work-tree");
  if (isInGit !== "true") {
    // A folder that git takes for something else is not kept by the store's either.
    const isStoreInGit = await gitIn(store, environment)("rev-parse", "--is-inside-work-tree");
    return isStoreInGit === "true" ? false : undefined;
  }
  const kept = await git("rev-parse", "--verify", "--quiet", `HEAD:./${basename(file)}`);
  return kept !== "" && kept === (await git("hash-object", "--", basename(file)));
}

/**
 * Removes the index lock that a git left behind which did not come to its end: it would keep every later commit out.
 * @param folder of the store; it has to be there
 */
export async function removeStaleLock(folder: string, environment: Record<string, string>): Promise<void> {
  const git = gitIn(folder, environment);
  const [root, path] = [await git("rev-parse", "--show-toplevel"), await git("rev-parse", "--git-path", "index.lock")];
  if (root === "" || path === "") return;
  const lock = resolve(folder, path);
  const found = await stat(lock).catch(() => undefined);
  if (found === undefined || Date.now() - found.mtimeMs < STALE_AFTER || (await isGitAtWork(root))) return;
  await unlink(lock).catch(() => undefined);
}

/** The output of one command, empty for one that failed. Names in the store are never patterns. */
function gitIn(folder: string, environment: Record<string, string>): (...parameters: string[]) => Promise<string> {
  return async (...parameters) => {
    const options = { env: environment, extendEnv: false, reject: false, stderr: "ignore", stdin: "ignore" } as const;
    const { failed, stdout } = await execa("git", ["-C", folder, ...parameters], options);
    return failed ? "" : stdout;
  };
}

/** Whether a git of anyone's works in this tree: it enters it, and its lock is its own. */
async function isGitAtWork(root: string): Promise<boolean> {
  for (const pid of await readdir("/proc")) {
    const name = await readFile(`/proc/${pid}/comm`, "utf8").catch(() => "");
    if (!name.startsWith("git")) continue;
    const place = await readlink(`/proc/${pid}/cwd`).catch(() => "");
    if (`${place}/`.startsWith(`${root}/`)) return true;
  }
  return false;
}
