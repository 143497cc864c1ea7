import { TextDecoder } from "node:util";
import { PosternError } from "#protocol/error.ts";
import type { EntryName } from "./entry-name.ts";
import type { Gpg } from "./gpg.ts";
import { type Login, parseLogin } from "./login.ts";
import { readCiphertext } from "./store-file.ts";

/**
 * Opens, decrypts and reads one entry; its plain text is overwritten before this returns.
 * @throws PosternError what reading the file, gpg and the text can end with; the signal's reason
 */
export async function readLogin(storeRoot: string, gpg: Gpg, name: EntryName, signal: AbortSignal): Promise<Login> {
  const plain = await gpg.decrypt(await readCiphertext(storeRoot, name), signal);
  try {
    return parseLogin(decode(plain), name);
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
