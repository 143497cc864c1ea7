import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";

export interface KeyKind {
  title: string;
  /** As gpg's --quick-gen-key and --quick-add-key take them. */
  primary: string;
  encryption: string;
  passphrase: string;
}

export const KEY_KINDS: KeyKind[] = [
  { title: "cv25519", primary: "ed25519", encryption: "cv25519", passphrase: "" },
  { title: "rsa3072", primary: "rsa3072", encryption: "rsa3072", passphrase: "" },
  { title: "cv25519 with a passphrase", primary: "ed25519", encryption: "cv25519", passphrase: "correct horse" },
];

/** A key home of its own: one key, and an agent that knows its passphrase. */
export interface KeyHome extends AsyncDisposable {
  gnupg: string;
  encrypt(text: string): Promise<Uint8Array>;
}

/** @throws Error what gpg says */
export async function makeKeyHome(gnupg: string, path: string, kind: KeyKind): Promise<KeyHome> {
  await mkdir(gnupg, { mode: 0o700 });
  // The agent asks once for each of its two sockets, and then knows.
  const pinentry = join(gnupg, "pinentry");
  await writeFile(pinentry, pinentryScript(kind.passphrase), { mode: 0o700 });
  const settings = ["default-cache-ttl 86400", "max-cache-ttl 86400", `pinentry-program ${pinentry}`];
  await writeFile(join(gnupg, "gpg-agent.conf"), settings.map((line) => `${line}\n`).join(""));
  const options = { env: { PATH: path, HOME: gnupg, GNUPGHOME: gnupg, LANG: "C.UTF-8" }, extendEnv: false } as const;
  const unlocking = ["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", kind.passphrase];
  await execa("gpg", [...unlocking, "--quick-gen-key", "Bench", kind.primary, "default", "never"], options);
  const { stdout: listed } = await execa("gpg", ["--with-colons", "--list-keys"], options);
  const fingerprint = /^fpr:{9}(\w+):/m.exec(listed)?.[1] ?? "";
  await execa("gpg", [...unlocking, "--quick-add-key", fingerprint, kind.encryption, "encrypt", "never"], options);

  async function encrypt(text: string): Promise<Uint8Array> {
    const to = ["--batch", "--quiet", "--trust-model", "always", "--recipient", fingerprint, "--encrypt"];
    const { stdout } = await execa("gpg", to, {
      ...options,
      input: text,
      encoding: "buffer",
      stripFinalNewline: false,
    });
    return stdout;
  }

  return {
    gnupg,
    encrypt,
    [Symbol.asyncDispose]: async () => void (await execa("gpgconf", ["--kill", "all"], options)),
  };
}

/** The program that gpg-agent asks for a passphrase (the manual of Pinentry, "Protocol"). */
function pinentryScript(passphrase: string): string {
  return `#!/bin/sh
echo OK
while read -r command rest; do
  if [ "$command" = GETPIN ]; then echo "D ${passphrase}"; fi
  echo OK
  if [ "$command" = BYE ]; then exit; fi
done
`;
}
