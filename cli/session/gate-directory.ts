import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";

/**
 * The vault may write the directory of all gates, and so put something else in the place of one. What was made here is
 * therefore changed by its descriptor only. Its group is the sandbox's, where that is not the user's own: the broker
 * gives the socket the same.
 */
export async function makeGateDirectory(path: string, uid: number, gid: number): Promise<FileHandle> {
  const directory = await makeOwnGateDirectory(path);
  if (uid !== 0) return directory;
  await directory.chown(uid, gid);
  await directory.chmod(0o2750);
  return directory;
}

/** The same for a gate that the user alone enters. */
export async function makeOwnGateDirectory(path: string): Promise<FileHandle> {
  await removeGateDirectory(path);
  try {
    await mkdir(path, { mode: 0o700 });
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    throw new PosternError("internal", `The gate's directory ${path} can not be made.`, "Begin anew: postern down");
  }
}

/** Not a tree: one that is exchanged for a link on the way would be somebody else's. */
export async function removeGateDirectory(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
  await unlink(join(path, "bridge.sock")).catch(() => undefined);
  await rmdir(path).catch(() => undefined);
}
