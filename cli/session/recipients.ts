import { readFile, readdir, realpath, stat } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { PosternError } from "#protocol/error.ts";

const ID_FILE = ".gpg-id";

/**
 * Every key that any folder of the store is encrypted to. Whoever can write to the store may have planted links in
 * it: folders behind them are read where they are, or not at all, and a file has to be one of the store's own.
 * @throws PosternError `store_unavailable` when there is none
 */
export async function recipientsOf(store: string): Promise<string[]> {
  const recipients = [...new Set([...(await recipientsByFolder(store)).values()].flat())];
  if (recipients.length > 0) return recipients;
  throw new PosternError(
    "store_unavailable",
    `${store} is not a password store: it has no .gpg-id.`,
    "Name a store with --store DIR, or make one with: pass init YOUR-KEY",
  );
}

/** The keys of every folder that names some, by its place in the store, `.` for the root. */
export async function recipientsByFolder(store: string): Promise<Map<string, string[]>> {
  const root = await realpath(store).catch(() => store);
  const found = new Map<string, string[]>();
  for (const file of await idFilesBelow(root)) {
    found.set(relative(root, dirname(file)) || ".", keysIn(await textOf(root, file)));
  }
  return found;
}

/**
 * The keys that one folder names to pass when it writes; undefined when it names none of its own, which only a file can.
 * A last line that is not ended is none to pass.
 */
export async function recipientsIn(root: string, folder: string): Promise<string[] | undefined> {
  const file = join(root, folder, ID_FILE);
  const isThere = (await stat(file).catch(() => undefined))?.isFile() === true;
  return isThere ? keysIn((await textOf(root, file)).replace(/[^\n]*$/, "")) : undefined;
}

function keysIn(text: string): string[] {
  const lines = text.split("\n").map((line) => line.replace(/#.*/, "").trim());
  return [...new Set(lines)].filter((line) => line !== "");
}

/** Not by Node's own recursion, which follows links. Hidden folders hold no entries. */
async function idFilesBelow(folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const child of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, child.name);
    if (child.name === ID_FILE) found.push(path);
    else if (child.isDirectory() && !child.name.startsWith(".")) found.push(...(await idFilesBelow(path)));
  }
  return found;
}

/** Empty for what is no regular file inside the store. */
async function textOf(root: string, file: string): Promise<string> {
  try {
    const path = await realpath(file);
    const isOwn = path.startsWith(`${root}/`) && (await stat(path)).isFile();
    return isOwn ? await readFile(path, "utf8") : "";
  } catch {
    return "";
  }
}
