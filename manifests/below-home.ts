import { rmdir, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { openDirectory } from "./directory.ts";
import { type FoundFile, findFile } from "./own-file.ts";
import { type Receipt, parseReceipt } from "./receipt.ts";

/** @returns undefined when there is none */
export async function readReceipt(home: string, path: string): Promise<Receipt | undefined> {
  const found = await look(home, path);
  if (found === undefined) return undefined;
  const receipt = parseReceipt(found.text);
  if (receipt !== undefined) return receipt;
  const hint = `Move it away, then set up anew what is there: mv ${path} ${path}.old; postern install`;
  throw new PosternError("internal", `${path} is no list of what was installed.`, hint);
}

/** @throws PosternError `internal` when it is a link, or behind one */
export async function look(home: string, path: string): Promise<FoundFile | undefined> {
  await using directory = await openDirectory(home, dirname(path));
  return directory === undefined ? undefined : await findFile(directory, basename(path));
}

/** Where it can not be done, it stays. */
export async function removeFile(home: string, path: string): Promise<void> {
  await using directory = await openDirectory(home, dirname(path)).catch(() => undefined);
  if (directory !== undefined) await unlink(directory.at(basename(path))).catch(() => undefined);
}

/** One that holds something stays. */
export async function removeDirectory(home: string, path: string): Promise<void> {
  await using directory = await openDirectory(home, dirname(path)).catch(() => undefined);
  if (directory !== undefined) await rmdir(directory.at(basename(path))).catch(() => undefined);
}
