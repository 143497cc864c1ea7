import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { notWritable } from "#wire/not-writable.ts";

/** A directory of the user's alone, with a file for every gate: the interfaces that were accepted, one a line. */
const FOLDER = "accepted-displays";

/** Whether the user has accepted all of these for the gate; a compositor that offers more is another matter. */
export async function isAccepted(state: string, gate: string, interfaces: string[]): Promise<boolean> {
  const text = await readFile(join(state, FOLDER, gate), "utf8").catch(() => "");
  const accepted = new Set(text.split("\n"));
  return text !== "" && interfaces.every((name) => accepted.has(name));
}

export async function accept(state: string, gate: string, interfaces: string[]): Promise<void> {
  const path = join(state, FOLDER, gate);
  try {
    await mkdir(join(state, FOLDER), { recursive: true, mode: 0o700 });
    await writeFile(path, `${interfaces.join("\n")}\n`, { mode: 0o600 });
  } catch (error) {
    throw notWritable(path, error);
  }
}
