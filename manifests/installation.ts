// What is written into a user's home, and taken out of it again.
//
// The policy. A file that an installation did not write is never replaced or removed: a receipt says which ones it wrote,
// with a digest of each, and one that was changed since counts as somebody else's. Every directory is reached without
// following a link, and each file comes to its place whole, by a name of its own first. The receipt is written before
// anything that it lists, so that an installation that was cut off can still be taken out. What is as it should be is not
// touched. An installation that fails takes back whatever it had made.
//
// It does not protect from another program of the user's own that writes to the same places meanwhile, beyond writing to
// no other place.
import { readFile, rmdir, unlink } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { PosternError } from "#protocol/error.ts";
import { type Directory, openDirectory } from "./directory.ts";
import { type FoundFile, digestOf, findFile, notOurs, writeFileWhole } from "./own-file.ts";
import { type Receipt, parseReceipt, receiptText } from "./receipt.ts";

export interface PlannedFile {
  /** Absolute. */
  path: string;
  text: string;
  mode: 0o644 | 0o755;
}

export type FileState = "new" | "changed" | "same";

export interface Installation {
  home: string;
  /** The receipt's own file. */
  receipt: string;
}

/**
 * How each planned file compares with what is there.
 * @throws PosternError `internal` when one is somebody else's, or when a link is in the way
 */
export async function compareFiles(
  { home, receipt }: Installation,
  files: readonly PlannedFile[],
): Promise<Map<string, FileState>> {
  const written = await readReceipt(home, receipt);
  const states = new Map<string, FileState>();
  for (const { path, text, mode } of files) {
    const found = await look(home, path);
    const isSame = found?.digest === digestOf(text);
    if (found !== undefined && !isSame && written?.files.get(path) !== found.digest) throw notOurs(path);
    states.set(path, found === undefined ? "new" : isSame && found.mode === mode ? "same" : "changed");
  }
  return states;
}

/**
 * Writes what is not there or not the same.
 * @param between what else is made, when the receipt is written and before the files; takes it back by the stack
 * @throws PosternError `internal` when something can not be written, and the signal's reason: nothing new stays then
 */
export async function writeFiles(
  { home, receipt }: Installation,
  files: readonly PlannedFile[],
  between: (undo: AsyncDisposableStack) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const states = await compareFiles({ home, receipt }, files);
  const before = await readReceipt(home, receipt);
  await using undo = new AsyncDisposableStack();
  const directories = new Set(before?.directories);
  for (const path of [receipt, ...files.map((file) => file.path)]) {
    const directory = await openDirectory(home, dirname(path), (made) => {
      directories.add(made);
      undo.defer(() => removeDirectory(home, made));
    });
    await directory?.[Symbol.asyncDispose]();
  }
  const digests = files.map(({ path, text }) => [path, digestOf(text)] as const);
  const next = { files: new Map([...(before?.files ?? []), ...digests]), directories };
  await writeReceipt(home, receipt, next, before === undefined);
  undo.defer(async () => {
    if (before === undefined) return await removeFile(home, receipt);
    await writeReceipt(home, receipt, before, false).catch(() => undefined);
  });
  await between(undo);
  for (const file of files) {
    signal.throwIfAborted();
    const isNew = states.get(file.path) === "new";
    if (states.get(file.path) !== "same") await put(home, file, isNew);
    if (isNew) undo.defer(() => removeFile(home, file.path));
  }
  signal.throwIfAborted();
  undo.move();
}

async function writeReceipt(home: string, path: string, receipt: Receipt, isNew: boolean): Promise<void> {
  const text = receiptText(receipt);
  const isSame = (await look(home, path))?.digest === digestOf(text);
  if (!isSame) await put(home, { path, text, mode: 0o644 }, isNew);
}

async function put(home: string, file: PlannedFile, isNew: boolean): Promise<void> {
  await using directory = await openDirectory(home, dirname(file.path));
  if (directory === undefined) throw notOurs(file.path);
  await writeFileWhole(directory, basename(file.path), file, isNew);
}

/** @returns the files that were left alone, since they are not as they were written */
export async function removeFiles({ home, receipt }: Installation): Promise<string[]> {
  const written = await readReceipt(home, receipt);
  if (written === undefined) return [];
  const left: string[] = [];
  for (const [path, digest] of written.files) {
    const found = await look(home, path).catch((): FoundFile => ({ digest: "", mode: 0 }));
    if (found?.digest === digest) await removeFile(home, path);
    else if (found !== undefined) left.push(path);
  }
  await removeFile(home, receipt);
  // The deepest first; one that holds something else stays.
  for (const path of [...written.directories].toSorted().toReversed()) await removeDirectory(home, path);
  return left;
}

/** @returns undefined when there is none */
export async function readReceipt(home: string, path: string): Promise<Receipt | undefined> {
  await using directory = await openDirectory(home, dirname(path));
  if (directory === undefined || (await findFile(directory, basename(path))) === undefined) return undefined;
  const receipt = parseReceipt(await readFile(directory.at(basename(path)), "utf8"));
  if (receipt !== undefined) return receipt;
  const hint = `Move it away, then set up anew what is there: mv ${path} ${path}.old; postern install`;
  throw new PosternError("internal", `${path} is no list of what was installed.`, hint);
}

async function look(home: string, path: string): Promise<FoundFile | undefined> {
  await using directory: Directory | undefined = await openDirectory(home, dirname(path));
  return directory === undefined ? undefined : await findFile(directory, basename(path));
}

async function removeFile(home: string, path: string): Promise<void> {
  await using directory = await openDirectory(home, dirname(path));
  if (directory !== undefined) await unlink(directory.at(basename(path))).catch(() => undefined);
}

async function removeDirectory(home: string, path: string): Promise<void> {
  await using directory = await openDirectory(home, dirname(path)).catch(() => undefined);
  if (directory !== undefined) await rmdir(directory.at(basename(path))).catch(() => undefined);
}
