import { PosternError } from "#protocol/error.ts";

/** What a gpg said on its status descriptor, and how it ended. */
export interface GpgEnd {
  /** Null: by a signal. */
  exitCode: number | null;
  status: string;
}

/** Each of these exactly once, and nothing of gpg's other words counts (GnuPG's doc/DETAILS, "Status lines"). */
const SUCCESS = ["BEGIN_DECRYPTION", "PLAINTEXT", "DECRYPTION_OKAY", "GOODMDC"];

/** The error that a decryption ended with; undefined when the plain text can be believed. */
export function judgeDecryption({ exitCode, status }: GpgEnd): PosternError | undefined {
  const lines = parseStatus(status);
  const count = (keyword: string): number => lines.filter((line) => line[0] === keyword).length;
  if (exitCode === 0 && SUCCESS.every((keyword) => count(keyword) === 1)) return undefined;

  const failure = lines.findLast(([keyword, where]) => keyword === "ERROR" && where === "pkdecrypt_failed");
  if (failure !== undefined) return agentFailure(Number(failure[2]));
  if (count("NO_SECKEY") > 0) return noSecretKey();
  return new PosternError(
    "entry_invalid",
    "The entry's file is damaged, or holds more than 1 MiB.",
    "Look at it with: pass show",
  );
}

function parseStatus(status: string): string[][] {
  const prefix = "[GNUPG:] ";
  const lines = status.split("\n").filter((line) => line.startsWith(prefix));
  return lines.map((line) => line.slice(prefix.length).split(" "));
}

/** A gpg-error value: the code in its low 16 bits, who it comes from in bits 24 to 30. */
function agentFailure(error: number): PosternError {
  const PINENTRY = 5;
  switch (error & 0xffff) {
    case 11:
    case 87:
      return pinentryFailed("The passphrase or PIN was wrong.", "Try again.");
    case 17:
      return noSecretKey();
    case 62:
      return pinentryFailed("Nobody gave the passphrase in time.", "Try again.");
    case 85:
      return pinentryFailed(
        "gpg-agent has no pinentry to ask with.",
        "Install one, for example with: apt-get install pinentry-gnome3",
      );
    case 99:
    case 198:
      return pinentryFailed("The passphrase was not given.", "Try again.");
  }
  if (((error >> 24) & 0x7f) === PINENTRY) {
    return pinentryFailed(
      "gpg-agent could not ask for the passphrase.",
      "Give it a display or terminal to draw on: run postern up there; then start the agent anew with: gpgconf --kill gpg-agent",
    );
  }
  return agentUnreachable("gpg-agent did not decrypt.");
}

export function agentUnreachable(message = "gpg-agent can not be reached."): PosternError {
  return new PosternError("agent_unreachable", message, "Start it with: gpgconf --launch gpg-agent");
}

function noSecretKey(): PosternError {
  const hint = "Insert the smart card that holds it, if one does; see what is there with: gpg --list-secret-keys";
  return new PosternError("no_secret_key", "gpg-agent does not have the entry's key.", hint);
}

function pinentryFailed(message: string, hint: string): PosternError {
  return new PosternError("pinentry_failed", message, hint);
}
