import { PosternError } from "#protocol/error.ts";
import { type ChildEnd, runBounded } from "./bounded-child.ts";
import { agentUnreachable, judgeDecryption } from "./gpg-status.ts";
import { createKeyring } from "./keyring.ts";
import { dearmor } from "./openpgp-armor.ts";
import { HIDDEN_RECIPIENT, readRecipients } from "./openpgp-recipients.ts";

export interface Gpg {
  /**
   * The plain text of one message, at most 1 MiB; the caller overwrites it when done.
   * @throws PosternError `entry_invalid`, `not_encrypted_to_you`, `no_secret_key`, `agent_unreachable`,
   *   `pinentry_failed`, `timeout`; the signal's reason
   */
  decrypt(ciphertext: Uint8Array, signal: AbortSignal): Promise<Buffer>;
}

export interface GpgOptions {
  /** Holds the public keyring and leads to the agent; nothing in it is written. */
  homedir: string;
  /** Where programs are looked for. */
  path: string;
  /** How long gpg-agent may take, its question for the passphrase included, in milliseconds. */
  patience?: number;
}

/** Reads no configuration, writes no file, starts nothing, asks no network. */
const ARGUMENTS = (
  "--batch --no-tty --no-options --lock-never --no-autostart --no-auto-check-trustdb --no-random-seed-file " +
  "--trust-model always --no-auto-key-locate --disable-dirmngr"
).split(" ");
/** Nothing but this message as it was judged; whose signature is on it does not matter. */
const DECRYPT = "--no-armor --skip-verify --status-fd 3 --max-output 1048576 --decrypt".split(" ");

export function createGpg({ homedir, path, patience = 90_000 }: GpgOptions): Gpg {
  const env = { PATH: path, HOME: homedir, GNUPGHOME: homedir, LANG: "C.UTF-8" };
  const keyring = createKeyring(homedir, () => run("gpg", [...ARGUMENTS, "--with-colons", "--list-keys"]));

  async function decrypt(ciphertext: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const message = dearmor(ciphertext);
    const recipients = readRecipients(message);
    const keys = await keyring.keyIds();
    if (!recipients.some((id) => id === HIDDEN_RECIPIENT || keys.has(id))) {
      throw notEncryptedToYou();
    }
    const end = await run("gpg", [...ARGUMENTS, ...DECRYPT], message, signal);
    const error = judgeDecryption(end);
    if (error === undefined) return end.output;
    end.output.fill(0);
    // To gpg, an agent that is not there is one without keys.
    throw error.code === "no_secret_key" && !(await isAgentThere(signal)) ? agentUnreachable() : error;
  }

  async function isAgentThere(signal: AbortSignal): Promise<boolean> {
    // Its exit code is 0 either way.
    const { output } = await run("gpg-connect-agent", ["--no-autostart", "NOP", "/bye"], undefined, signal);
    return output.toString().startsWith("OK");
  }

  async function run(
    program: string,
    args: readonly string[],
    input: Uint8Array = new Uint8Array(),
    signal?: AbortSignal,
  ): Promise<ChildEnd> {
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(tooLate()), patience);
    const either = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
    try {
      return await runBounded(program, args, { env, input, signal: either });
    } finally {
      clearTimeout(timer);
    }
  }

  return { decrypt };
}

function notEncryptedToYou(): PosternError {
  return new PosternError(
    "not_encrypted_to_you",
    "The entry is not encrypted to any key of yours.",
    "Someone who can read it can add your key with: pass init",
  );
}

function tooLate(): PosternError {
  return new PosternError("timeout", "gpg-agent did not answer in time.", "Is its question for the passphrase open?");
}
