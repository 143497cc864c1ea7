import { TextDecoder } from "node:util";
import { PosternError } from "#protocol/error.ts";
import type { IndexedEntry } from "./entries-by-host.ts";
import type { EntryName } from "./entry-name.ts";
import type { Gpg } from "./gpg.ts";
import { joinLogin } from "./join-login.ts";
import { type Login, parseLogin } from "./login.ts";
import { readCiphertext } from "./store-file.ts";

/**
 * Opens, decrypts and reads one entry, with the files that belong to it.
 * @throws PosternError what reading the file, gpg and the text can end with; the signal's reason
 */
export async function readLogin(
  storeRoot: string,
  gpg: Gpg,
  { name, companions }: Pick<IndexedEntry, "name" | "companions">,
  signal: AbortSignal,
): Promise<Login> {
  const read = (file: EntryName): Promise<string> => readText(storeRoot, gpg, file, signal);
  const login = parseLogin(await read(name), companions?.title ?? name);
  if (companions === undefined) return login;
  const { username, otp, meta } = companions;
  return joinLogin(login, {
    ...(username && { username: await read(username) }),
    ...(otp && { otp: await read(otp) }),
    ...(meta && { meta: await read(meta) }),
  });
}

/** The text of one file of an entry; the bytes that gpg gave are overwritten before this returns. */
export async function readText(storeRoot: string, gpg: Gpg, file: EntryName, signal: AbortSignal): Promise<string> {
  const plain = await gpg.decrypt(await readCiphertext(storeRoot, file), signal);
  try {
    return decode(plain);
  } finally {
    plain.fill(0);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new PosternError("entry_invalid", "The entry's text is not UTF-8.", "Write it anew with: pass edit");
  }
}
