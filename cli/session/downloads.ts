import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { notWritable } from "#wire/not-writable.ts";

/** @param downloads the directory of everything that the user downloads */
export function downloadsOf(downloads: string, gate: string): string {
  return join(downloads, "postern", gate);
}

/**
 * Makes the folder of a gate's downloads, or finds it. The browser may write what is in it and nothing above: so only
 * the folder itself is looked at, by its descriptor, and nothing below it is ever opened, changed or removed here.
 * @param owner the user that the browser runs as: the user's own, except for root
 * @returns the folder's path
 * @throws PosternError `internal` when it can not be made or is not the user's
 */
export async function ensureDownloads(
  downloads: string,
  gate: string,
  owner: { uid: number; gid: number },
): Promise<string> {
  const path = downloadsOf(downloads, gate);
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw notWritable(path, error);
  });
  await using folder = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW).catch(() => {
    throw new PosternError("internal", `${path} is not a directory.`, `Move it out of the way: mv ${path} ${path}.old`);
  });
  const { uid } = await folder.stat();
  if (uid !== owner.uid)
    await folder.chown(owner.uid, owner.gid).catch((error: unknown) => {
      throw notWritable(path, error);
    });
  return path;
}
