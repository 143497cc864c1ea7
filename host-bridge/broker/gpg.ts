import { PosternError } from "#protocol/error.ts";
import { type ChildEnd, runBounded, startBounded } from "./bounded-child.ts";
import { agentUnreachable, judgeDecryption } from "./gpg-status.ts";
import { createKeyring } from "./keyring.ts";
import { dearmor } from "./openpgp-armor.ts";
import { HIDDEN_RECIPIENT, readEncrypted } from "./openpgp-recipients.ts";
import { createReadyChild } from "./ready-child.ts";
import { shareInFlight } from "./share-in-flight.ts";

export interface Gpg {
  /**
   * The plain text of one message, at most 1 MiB; the caller overwrites it when done.
   * @throws PosternError `entry_invalid`, `not_encrypted_to_you`, `no_secret_key`, `agent_unreachable`,
   *   `pinentry_failed`, `timeout`; the signal's reason
   */
  decrypt(ciphertext: Uint8Array, signal: AbortSignal): Promise<Buffer>;
  /** Starts a gpg that waits for the next message, since one is likely to come: starting costs more than decrypting. */
  prepare(): Promise<void>;
}

export interface GpgOptions {
  /** Holds the public keyring and leads to the agent; nothing in it is written. */
  homedir: string;
  /** Where programs are looked for. */
  path: string;
  /** How long gpg-agent may take, its question for the passphrase included, in milliseconds. */
  patience?: number;
  /** Aborted: no gpg waits any more. */
  signal: AbortSignal;
}

/** How long a gpg that was started ahead may wait, in milliseconds: as long as a person takes to choose and consent. */
const READY_LIFETIME = 90_000;

/** Reads no configuration, writes no file, starts nothing, asks no network. */
const ARGUMENTS = (
  "--batch --no-tty --no-options --lock-never --no-autostart --no-auto-check-trustdb --no-random-seed-file " +
  "--trust-model always --no-auto-key-locate --disable-dirmngr"
).split(" ");
/** Nothing but this message as it was judged; whose signature is on it does not matter. */
const DECRYPT = [
  ..."--no-armor --skip-verify --status-fd 3 --max-output 1048576".split(" "),
  // What is encrypted with a passphrase below the part that was judged gets this one: nobody is asked for another.
  "--passphrase",
  "",
  "--decrypt",
];

export function createGpg({ homedir, path, patience = 90_000, signal: stop }: GpgOptions): Gpg {
  // Without translations, whose files gpg would look for while a request waits.
  const env = { PATH: path, HOME: homedir, GNUPGHOME: homedir, LANG: "C" };
  const keyring = createKeyring(homedir, () => run("gpg", [...ARGUMENTS, "--with-colons", "--list-keys"]));
  const ready = createReadyChild({
    start: () => startBounded("gpg", [...ARGUMENTS, ...DECRYPT], env),
    lifetime: READY_LIFETIME,
    signal: stop,
  });

  async function decrypt(ciphertext: Uint8Array, signal: AbortSignal): Promise<Buffer> {
    const message = dearmor(ciphertext);
    const { recipients } = readEncrypted(message);
    const { stamp, ids } = await keyring.read();
    // Without any key gpg finds none, and would make a keyring.
    const isToYou = ids.size > 0 && recipients.some((id) => id === HIDDEN_RECIPIENT || ids.has(id));
    if (!isToYou) throw notEncryptedToYou();
    signal.throwIfAborted();
    const end = await ready.take(stamp).finish(message, { patience, signal });
    const error = judgeDecryption(end);
    if (error === undefined) return end.output;
    end.output.fill(0);
    // To gpg, an agent that is not there is one without keys.
    throw error.code === "no_secret_key" && !(await isAgentThere(signal)) ? agentUnreachable() : error;
  }

  async function isAgentThere(signal: AbortSignal): Promise<boolean> {
    // Its exit code is 0 either way.
    const { output } = await run("gpg-connect-agent", ["--no-autostart", "NOP", "/bye"], signal);
    return output.toString().startsWith("OK");
  }

  function run(
    program: string,
    args: readonly string[],
    signal: AbortSignal = new AbortController().signal,
  ): Promise<ChildEnd> {
    return runBounded(program, args, { env, input: new Uint8Array(), patience, signal });
  }

  return {
    decrypt: shareInFlight(decrypt),
    prepare: async () => {
      const { stamp, ids } = await keyring.read();
      if (ids.size > 0) ready.prepare(stamp);
    },
  };
}

function notEncryptedToYou(): PosternError {
  return new PosternError(
    "not_encrypted_to_you",
    "The entry is not encrypted to any key of yours.",
    "Someone who can read it can add your key with: pass init",
  );
}
