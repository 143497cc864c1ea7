import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { PosternError } from "#protocol/error.ts";

/** How long it is waited for, in milliseconds. It is never ended: what it has begun, it is to finish. */
const PATIENCE = 60_000;
/** What sh(1) ends with where there is no pass. */
const NOT_FOUND = 127;
/** Its entry is named by the environment, which only this user can read: flock, which may wait, has it in no argument. */
const INSERT = 'entry=$POSTERN_ENTRY; unset POSTERN_ENTRY; exec pass insert --multiline --force -- "$entry"';
/** open(2), which Node has no name for. */
const O_TMPFILE = 0o20_000_000 | constants.O_DIRECTORY;

/**
 * Writes an entry with `pass insert`, over the one that may be there. Whatever becomes of this process, `pass` gets
 * the whole text and runs to its end: the text stands ready in a file without a name and in memory alone before it
 * starts, and it starts in a session of its own that reads and writes no pipe of ours. The next one, even of another
 * session process, waits until then: or what is older could be written over what is newer.
 * @param lock a file that need not exist
 * @returns whether it said that all went well
 * @throws PosternError `read_only` without pass or flock; `timeout` when it is still at work
 */
export async function insertByPass(
  entry: string,
  text: string,
  lock: string,
  environment: Readonly<Record<string, string>>,
): Promise<boolean> {
  await using input = await inputOf(text);
  // Its errors go where this process's own go: to the session's log.
  const stdio: ["ignore" | number, "ignore", "inherit"] = [input.fd, "ignore", "inherit"];
  // The lock is flock's alone, not that of whatever a hook of git's may leave running.
  const parameters = ["--close", lock, "/bin/sh", "-c", INSERT];
  const env = { ...environment, POSTERN_ENTRY: entry };
  const child = spawn("flock", parameters, { cwd: "/", env, stdio, detached: true });
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  child.once("error", () => reject(notInstalled("flock", "util-linux")));
  child.once("exit", (code) => (code === NOT_FOUND ? reject(notInstalled("pass", "pass")) : resolve(code === 0)));
  const timer = setTimeout(() => reject(stillAtWork()), PATIENCE);
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}

/** Read from its beginning; gone with the last descriptor of it. */
async function inputOf(text: string): Promise<FileHandle> {
  const file = await open("/dev/shm", O_TMPFILE | constants.O_RDWR, 0o600).catch(() => {
    throw new PosternError(
      "internal",
      "There is no /dev/shm to hand the text to pass in.",
      "Mount it with: mount /dev/shm",
    );
  });
  const bytes = Buffer.from(text);
  await file.write(bytes, 0, bytes.length, 0);
  bytes.fill(0);
  return file;
}

function notInstalled(program: string, debian: string): PosternError {
  const hint = `Install it, for example with: apt-get install ${debian}`;
  return new PosternError("read_only", `Nothing can be saved: ${program} is not installed, or not on PATH.`, hint);
}

function stillAtWork(): PosternError {
  return new PosternError(
    "timeout",
    "The entry is still being written.",
    "Does git wait for something, such as a passphrase for signing? See with: pass git status",
  );
}
