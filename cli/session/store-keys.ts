import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { notInstalled } from "../not-installed.ts";
import { type SecretKey, parseSecretKeys } from "./secret-keys.ts";

/**
 * The keys that a store is encrypted to and whose secret part is here; no other key is read, and no secret one.
 * @param environment of gpg, for the user's own keys
 * @throws PosternError `store_unavailable`, `no_secret_key`, `internal` without gpg
 */
export async function storeKeys(
  store: string,
  environment: Record<string, string>,
): Promise<[SecretKey, ...SecretKey[]]> {
  const recipients = await recipientsOf(store);
  const options = { env: environment, extendEnv: false, reject: false, stderr: "ignore" } as const;
  const listing = ["--batch", "--with-colons", "--with-keygrip", "--list-secret-keys", "--", ...recipients];
  // gpg fails when it lacks one of them, and still lists the others.
  const listed = await execa("gpg", listing, options);
  if (listed.code === "ENOENT") throw notInstalled("gpg");
  const [first, ...others] = parseSecretKeys(listed.stdout ?? "");
  if (first !== undefined) return [first, ...others];
  throw new PosternError(
    "no_secret_key",
    `None of the keys that the store ${store} is encrypted to has its secret key here.`,
    "Compare its .gpg-id with: gpg --list-secret-keys; GNUPGHOME names another key home.",
  );
}

/** Every key that any folder of the store is encrypted to. */
async function recipientsOf(store: string): Promise<string[]> {
  const names = await readdir(store, { recursive: true }).catch(() => []);
  const files = names.filter((name) => name === ".gpg-id" || name.endsWith("/.gpg-id"));
  const texts = await Promise.all(files.map((name) => readFile(join(store, name), "utf8").catch(() => "")));
  const lines = texts.flatMap((text) => text.split("\n")).map((line) => line.replace(/#.*/, "").trim());
  const recipients = [...new Set(lines)].filter((line) => line !== "");
  if (recipients.length > 0) return recipients;
  throw new PosternError(
    "store_unavailable",
    `${store} is not a password store: it has no .gpg-id.`,
    "Name a store with --store DIR, or make one with: pass init YOUR-KEY",
  );
}
