import { mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { notInstalled } from "../not-installed.ts";
import { parseSecretKeys } from "./secret-keys.ts";

/** What the vault's gpg may know and use. */
export interface Keyring {
  /** Keygrips of the store's encryption keys whose secret part is here, upper-case hexadecimal. */
  keygrips: ReadonlySet<string>;
  /** The first user id of the first key, for prompts. */
  owner: string;
}

/**
 * Makes the GNUPGHOME of the vault: the public keys that the store is encrypted to and whose secret keys the user
 * has, their ownertrust, and a file that redirects gpg to the relay's socket. No secret key is read or written.
 * @param agentSocket the relay's socket as the vault sees it
 * @param environment of gpg, for the user's own keys
 * @throws PosternError `store_unavailable`, `no_secret_key`
 */
export async function makeKeyring(
  store: string,
  target: string,
  agentSocket: string,
  environment: Record<string, string>,
): Promise<Keyring> {
  const recipients = await recipientsOf(store);
  const options = { env: environment, extendEnv: false, reject: false, stderr: "ignore" } as const;
  const listing = ["--batch", "--with-colons", "--with-keygrip", "--list-secret-keys", "--", ...recipients];
  // gpg fails when it lacks one of them, and still lists the others.
  const listed = await execa("gpg", listing, options);
  if (listed.code === "ENOENT") throw notInstalled("gpg");
  const keys = parseSecretKeys(listed.stdout ?? "");
  const [first] = keys;
  if (first === undefined) {
    throw new PosternError(
      "no_secret_key",
      `None of the keys that the store ${store} is encrypted to has its secret key here.`,
      "Compare its .gpg-id with: gpg --list-secret-keys; GNUPGHOME names another key home.",
    );
  }
  const fingerprints = keys.map((key) => key.fingerprint);
  // Not minimal: that leaves expired sub-keys out, and what was encrypted to them can still be read.
  const exported = await runGpg(["--export", "--", ...fingerprints], environment);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { mode: 0o700 });
  const vault = { ...environment, GNUPGHOME: target };
  await runGpg(["--import"], vault, exported);
  const trust = fingerprints.map((fingerprint) => `${fingerprint}:6:\n`).join("");
  await runGpg(["--import-ownertrust"], vault, Buffer.from(trust));
  // Done here, where it can be written: gpg would else do it at its first use in the vault.
  await runGpg(["--check-trustdb"], vault);
  await writeFile(join(target, "S.gpg-agent"), `%Assuan%\nsocket=${agentSocket}\n`, { mode: 0o600 });
  return { keygrips: new Set(keys.flatMap((key) => key.encryptionGrips)), owner: first.userId };
}

/** @throws PosternError `internal` when it fails; why, it says in the session's log */
async function runGpg(
  parameters: string[],
  environment: Record<string, string>,
  input: Uint8Array = new Uint8Array(),
): Promise<Uint8Array> {
  // Keys are bytes: one may well end like a line of text.
  const options = {
    env: environment,
    extendEnv: false,
    reject: false,
    encoding: "buffer",
    stripFinalNewline: false,
    input: Buffer.from(input),
  } as const;
  const result = await execa("gpg", ["--batch", "--no-autostart", ...parameters], options);
  if (!result.failed) return result.stdout;
  process.stderr.write(`postern: gpg ${parameters[0]} ended with ${result.exitCode}\n`);
  process.stderr.write(result.stderr);
  throw new PosternError(
    "internal",
    `The vault's keyring could not be made: gpg ${parameters[0]} failed.`,
    "See that gpg works and that the disk is not full.",
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
