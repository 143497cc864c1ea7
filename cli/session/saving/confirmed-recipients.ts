import { createHash } from "node:crypto";
import { mkdir, readFile, realpath, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { recipientsByFolder, recipientsIn } from "../recipients.ts";
import { notKept } from "./not-kept.ts";

/** What an entry would be encrypted to, beside what was confirmed. */
export interface Recipients {
  added: string[];
  removed: string[];
  /** From now on these are the confirmed ones. */
  confirm: () => Promise<void>;
}

/** Folder of the store, `.` for its root → keys. */
type Confirmed = Map<string, string[]>;

/**
 * Who can push to the store can change whom entries are encrypted to. What it was is kept outside the store, from the
 * first time that it was used on, and what it became counts only when a person has confirmed it.
 * @param folder of all that was confirmed, a file for every store
 */
export async function openConfirmedRecipients(
  folder: string,
  store: string,
): Promise<(entry: string) => Promise<Recipients>> {
  const root = await realpath(store);
  const file = join(folder, createHash("sha256").update(root).digest("hex"));
  const stored = await read(file);
  const confirmed: Confirmed = stored ?? (await recipientsByFolder(root));
  // On a full disk it is kept in mind, and no reason not to fill.
  let isKept =
    stored !== undefined ||
    (await write(file, confirmed).then(
      () => true,
      () => false,
    ));

  return async (entry) => {
    if (!isKept) await write(file, confirmed);
    isKept = true;
    const now = await nearest(root, entry);
    const before = confirmed.get(foldersAbove(entry).find((each) => confirmed.has(each)) ?? ".") ?? [];
    return {
      added: now.keys.filter((key) => !before.includes(key)),
      removed: before.filter((key) => !now.keys.includes(key)),
      confirm: async () => {
        const above = foldersAbove(entry);
        // What was confirmed for a folder that is no longer the one whose keys are used.
        for (const gone of above.slice(0, above.indexOf(now.folder))) confirmed.delete(gone);
        await write(file, confirmed.set(now.folder, now.keys));
      },
    };
  };
}

/** As pass finds them: the nearest folder above with a `.gpg-id`. @throws PosternError `entry_invalid` without a key */
async function nearest(root: string, entry: string): Promise<{ folder: string; keys: string[] }> {
  for (const folder of foldersAbove(entry)) {
    const keys = await recipientsIn(root, folder);
    if (keys === undefined) continue;
    if (keys.length > 0) return { folder, keys };
    break;
  }
  throw new PosternError(
    "entry_invalid",
    "The folder of the entry has no .gpg-id of its own store that names a key.",
    "Look at it, or write it anew with: pass init --path=FOLDER YOUR-KEY",
  );
}

/** Nearest first, `.` last. */
function foldersAbove(entry: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(entry); folder !== "."; folder = dirname(folder)) folders.push(folder);
  return [...folders, "."];
}

/** Undefined when nothing was confirmed yet. */
async function read(file: string): Promise<Confirmed | undefined> {
  try {
    const confirmed: [string, string[]][] = JSON.parse(await readFile(file, "utf8"));
    return new Map(confirmed);
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw new PosternError(
      "internal",
      `${file} can not be read.`,
      `It says which keys your store was encrypted to. Look at its .gpg-id yourself, then remove the file: rm ${file}`,
    );
  }
}

async function write(file: string, confirmed: Confirmed): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await writeFile(`${file}.new`, JSON.stringify([...confirmed]), { mode: 0o600, flush: true });
    await rename(`${file}.new`, file);
  } catch {
    throw notKept();
  }
}
