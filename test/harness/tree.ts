import { createHash } from "node:crypto";
import { lstat, readFile, readdir, readlink } from "node:fs/promises";
import { join, relative } from "node:path";

/** Everything below a folder: kind, mode, and what a file holds or where a link leads; times are left out. */
export async function treeOf(root: string): Promise<Record<string, string>> {
  const tree: Record<string, string> = {};
  for (const path of await namesBelow(root)) {
    const found = await lstat(join(root, path));
    const what = found.isSymbolicLink()
      ? await readlink(join(root, path))
      : found.isFile()
        ? createHash("sha256")
            .update(await readFile(join(root, path)))
            .digest("hex")
        : "";
    tree[path] = `${found.mode.toString(8)} ${what}`;
  }
  return tree;
}

/** The inode and the time of change of each: the same for what nobody touched. */
export async function touchesOf(root: string): Promise<Record<string, string>> {
  const touches: Record<string, string> = {};
  for (const path of await namesBelow(root)) {
    const { ino, mtimeMs } = await lstat(join(root, path));
    touches[path] = `${ino} ${mtimeMs}`;
  }
  return touches;
}

async function namesBelow(root: string): Promise<string[]> {
  const found = await readdir(root, { recursive: true, withFileTypes: true });
  return found.map((entry) => relative(root, join(entry.parentPath, entry.name))).toSorted();
}
