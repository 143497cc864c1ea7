// What is written into a user's home, and taken out of it again.
//
// The policy. A file that an installation did not write is never replaced or removed: a receipt says which ones it wrote,
// with a digest of each, and one that was changed since counts as somebody else's. Every directory is reached without
// following a link, and each file comes to its place whole, by a name of its own first. The receipt is written before
// anything that it lists, so that an installation that was cut off can still be taken out. What is as it should be is not
// touched. An installation that fails takes back whatever it had made. While a file is renewed, the receipt knows both the
// older and the newer.
//
// It does not protect from another program of the user's own that writes to the same places meanwhile, beyond writing to
// no other place.
import { basename, dirname } from "node:path";
import { look, readReceipt, removeDirectory, removeFile } from "./below-home.ts";
import { openDirectory } from "./directory.ts";
import { digestOf, notOurs, writeFileWhole } from "./own-file.ts";
import { type Receipt, receiptText } from "./receipt.ts";

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
    if (found !== undefined && !isSame && written?.files.get(path)?.includes(found.digest) !== true)
      throw notOurs(path);
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
  const known = (withOlder: boolean): Receipt => {
    const older = (path: string): string[] => (withOlder ? (before?.files.get(path) ?? []) : []);
    const rows = files.map(
      ({ path, text }) => [path, [...new Set([...older(path), digestOf(text)])]] satisfies [string, string[]],
    );
    return { files: new Map<string, string[]>([...(before?.files ?? []), ...rows]), directories };
  };
  await writeReceipt(home, receipt, known(true), before === undefined);
  let isTakenBack = true;
  undo.defer(async () => {
    if (before === undefined) return await removeFile(home, receipt);
    if (isTakenBack) await writeReceipt(home, receipt, before, false).catch(() => undefined);
  });
  await between(undo);
  for (const file of files) {
    signal.throwIfAborted();
    const state = states.get(file.path);
    if (state === "same") continue;
    const older = state === "changed" ? await look(home, file.path) : undefined;
    if (older !== undefined && known(true).files.get(file.path)?.includes(older.digest) !== true)
      throw notOurs(file.path);
    await put(home, file, state === "new");
    undo.defer(async () => {
      if (older === undefined) return await removeFile(home, file.path);
      await put(home, { ...file, text: older.text }, false).catch(() => (isTakenBack = false));
    });
  }
  signal.throwIfAborted();
  await writeReceipt(home, receipt, known(false), false);
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
