import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { storeKeys } from "./store-keys.ts";
import { writeNote } from "../output.ts";

/** What the vault's gpg may know and use. */
export interface Keyring {
  /** Keygrips of the stores' encryption keys whose secret part is here, upper-case hexadecimal. */
  keygrips: ReadonlySet<string>;
  /** The first user id of a keygrip's key, for prompts. */
  ownerOf: (grip: string) => string;
}

/**
 * Makes the GNUPGHOME of the vault: the public keys that the stores are encrypted to and whose secret keys the user
 * has, their ownertrust, and a file that redirects gpg to the relay's socket. No secret key is read or written.
 * @param agentSocket the relay's socket as the vault sees it
 * @param environment of gpg, for the user's own keys
 * @throws PosternError `store_unavailable`, `no_secret_key`
 */
export async function makeKeyring(
  stores: readonly string[],
  target: string,
  agentSocket: string,
  environment: Record<string, string>,
): Promise<Keyring> {
  const found = await Promise.all(stores.map((store) => storeKeys(store, environment)));
  const keys = [...new Map(found.flat().map((key) => [key.fingerprint, key])).values()];
  const fingerprints = keys.map((key) => key.fingerprint);
  // Not minimal: that leaves expired sub-keys out, and what was encrypted to them can still be read.
  const exported = await runGpg(["--export", "--", ...fingerprints], environment);
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { mode: 0o700 });
  const vault = { ...environment, GNUPGHOME: target };
  // Where there is one, gpg keeps to this older form, the only one that can hold that a signature was found sound. In
  // the other gpg verifies every signature on the keys again at each decryption, which takes longer than the rest.
  await writeFile(join(target, "pubring.gpg"), "", { mode: 0o600 });
  await runGpg(["--import"], vault, exported);
  await runGpg(["--rebuild-keydb-caches"], vault);
  const trust = fingerprints.map((fingerprint) => `${fingerprint}:6:\n`).join("");
  await runGpg(["--import-ownertrust"], vault, Buffer.from(trust));
  // Done here, where it can be written: gpg would else do it at its first use in the vault.
  await runGpg(["--check-trustdb"], vault);
  await writeFile(join(target, "S.gpg-agent"), `%Assuan%\nsocket=${agentSocket}\n`, { mode: 0o600 });
  const owners = new Map(keys.flatMap((key) => key.encryptionGrips.map((grip) => [grip, key.userId] as const)));
  return { keygrips: new Set(owners.keys()), ownerOf: (grip) => owners.get(grip) ?? "" };
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
  writeNote(`postern: gpg ${parameters[0]} ended with ${result.exitCode}\n`);
  writeNote(Buffer.from(result.stderr).toString());
  throw new PosternError(
    "internal",
    `The vault's keyring could not be made: gpg ${parameters[0]} failed.`,
    "See that gpg works and that the disk is not full.",
  );
}
