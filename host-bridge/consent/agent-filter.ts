/**
 * The filter between gpg in the vault and the gpg-agent of the session, in prose.
 *
 * Who is trusted. Not the vault: its gpg reads files that anyone may have planted in the store.
 *
 * What it grants. One thing: decrypting with the keys of this store, under a description of our own, so that the
 * agent's prompt says who asks whatever the vault would have it say. Which those keys are is answered here.
 *
 * What happens to the unknown. Every other command is refused here and never reaches the agent: no signing, no
 * export, no key listing, no passphrase prompt with a text of the sender's choosing, no other keygrip. Options
 * (display, terminal, locale) are taken and ignored: the agent is told the session's own.
 *
 * What it does not protect: a message encrypted to the store's key that a broken vault got hold of elsewhere. And where
 * that key signs as well, its signatures, since with RSA a decrypt of the right number is one.
 */

/** What one line of the vault's gpg means here. */
export type Verdict =
  | { action: "ok" }
  | { action: "version" }
  | { action: "havekey"; isThere: boolean }
  | { action: "listkeys" }
  | { action: "setkey"; grip: string }
  | { action: "decrypt" }
  | { action: "bye" }
  | { action: "refuse" };

const GRIP = /^[0-9A-F]{40}$/;

/** @param allowed the keygrips of the store's keys, upper-case hexadecimal */
export function judgeCommand(line: string, allowed: ReadonlySet<string>): Verdict {
  const [command = "", ...parameters] = line.split(" ");
  switch (command.toUpperCase()) {
    case "OPTION":
    case "RESET":
    case "NOP":
    case "SETKEYDESC":
      return { action: "ok" };
    case "BYE":
      return { action: "bye" };
    case "GETINFO":
      return parameters.join(" ") === "version" ? { action: "version" } : { action: "refuse" };
    case "HAVEKEY":
      if (/^--list(=\d+)?$/.test(parameters.join(" "))) return { action: "listkeys" };
      if (!parameters.every((grip) => GRIP.test(grip))) return { action: "refuse" };
      return { action: "havekey", isThere: parameters.some((grip) => allowed.has(grip)) };
    case "SETKEY": {
      const [grip = ""] = parameters;
      return parameters.length === 1 && allowed.has(grip) ? { action: "setkey", grip } : { action: "refuse" };
    }
    case "PKDECRYPT":
      return parameters.length === 0 ? { action: "decrypt" } : { action: "refuse" };
    default:
      return { action: "refuse" };
  }
}
