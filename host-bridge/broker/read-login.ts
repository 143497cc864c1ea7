import { hash } from "node:crypto";
import { TextDecoder } from "node:util";
import { PosternError } from "#protocol/error.ts";
import type { IndexedEntry } from "./entries-by-host.ts";
import type { EntryName } from "./entry-name.ts";
import type { Gpg } from "./gpg.ts";
import { joinLogin } from "./join-login.ts";
import { type Login, parseLogin } from "./login.ts";
import { dearmor } from "./openpgp-armor.ts";
import { readEncrypted } from "./openpgp-recipients.ts";
import { type StorePlace, boundaryOf, referenceFrom } from "./several-stores.ts";
import { readCiphertext } from "./store-file.ts";

const UTF_8 = new TextDecoder("utf-8", { fatal: true });

export interface ReadEntry {
  login: Login;
  /** Of what is encrypted in each file that it was read from: SHA-256 in base64. */
  digests: readonly string[];
}

/**
 * Opens, decrypts and reads one entry, with the files that belong to it.
 * @throws PosternError what reading the file, gpg and the text can end with; the signal's reason
 */
export async function readLogin(
  place: StorePlace,
  gpg: Gpg,
  { name, companions }: Pick<IndexedEntry, "name" | "companions">,
  signal: AbortSignal,
): Promise<ReadEntry> {
  const digests: string[] = [];
  async function read(file: EntryName): Promise<string> {
    const { text, digest } = await readEntryFile(place, gpg, file, signal);
    digests.push(digest);
    return text;
  }
  const login = referenceFrom(place, name, parseLogin(await read(name), companions?.title ?? name));
  if (companions === undefined) return { login, digests };
  const { username, otp, meta } = companions;
  const joined = joinLogin(login, {
    ...(username && { username: await read(username) }),
    ...(otp && { otp: await read(otp) }),
    ...(meta && { meta: await read(meta) }),
  });
  return { login: joined, digests };
}

/** One file of an entry; the bytes that gpg gave are overwritten before this returns. */
export async function readEntryFile(
  place: StorePlace,
  gpg: Gpg,
  file: EntryName,
  signal: AbortSignal,
): Promise<{ text: string; digest: string }> {
  const ciphertext = readCiphertext(place.store, file, boundaryOf(place, file));
  // Not of the file: the same login can be written as endlessly many, without a key.
  const { encrypted } = readEncrypted(dearmor(ciphertext));
  const digest = hash("sha256", encrypted, "base64");
  const plain = await gpg.decrypt(ciphertext, signal);
  try {
    return { text: decode(plain), digest };
  } finally {
    plain.fill(0);
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return UTF_8.decode(bytes);
  } catch {
    throw new PosternError("entry_invalid", "The entry's text is not UTF-8.", "Write it anew with: pass edit");
  }
}
