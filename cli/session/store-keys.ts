import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { notInstalled } from "../not-installed.ts";
import { recipientsOf } from "./recipients.ts";
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
