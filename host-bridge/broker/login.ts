import { PosternError } from "#protocol/error.ts";
import type { EntryName } from "./entry-name.ts";
import { parseField, splitEntry, valueOf } from "./entry-text.ts";
import type { OtpSource } from "./one-time-code.ts";
import { findOtp } from "./otp-line.ts";
import { siteOfEntry } from "./site.ts";

/** What an entry's text holds for a sign-in. Everything else in it is a note and stays where it is. */
export interface Login {
  password?: string;
  username?: string;
  otp?: OtpSource;
  /** What the entry itself wants, whatever the settings say. */
  autosubmit?: boolean;
}

const PASSWORD_KEYS = ["password", "pass", "secret", "passwd"];
/** In the order of preference. */
const USER_KEYS = ["login", "username", "user", "email", "id"];

/**
 * Reads an entry as `pass` users and the tools around it write it: the password first, then keys and values.
 * @throws PosternError `entry_invalid` when the password is a reference to another entry
 */
export function parseLogin(text: string, name: EntryName): Login {
  const { first, rest } = splitEntry(text);
  const lines = [first, ...rest];
  const keyedPassword = valueOf(lines, PASSWORD_KEYS);
  // A first line that is the password is nothing else, whatever it looks like; one that makes codes is no password.
  const isFirstPassword = keyedPassword === undefined && findOtp([first]) === undefined;
  const fields = isFirstPassword ? rest : lines;

  const password = isFirstPassword ? first : keyedPassword;
  const username = valueOf(fields, USER_KEYS) ?? siteOfEntry(name).username ?? secondLine(rest);
  const otp = findOtp(fields);
  const autosubmit = valueOf(fields, ["autosubmit"]);
  refuseReference(password);
  return {
    ...(password && { password }),
    ...(username && { username }),
    ...(otp && { otp }),
    ...(autosubmit && { autosubmit: autosubmit.toLowerCase() !== "false" }),
  };
}

/** The user name of entries without any keys. */
function secondLine(rest: readonly string[]): string | undefined {
  const hasFields = rest.some((line) => line === "---" || parseField(line) !== undefined);
  return hasFields ? undefined : rest[0]?.trim();
}

function refuseReference(password: string | undefined): void {
  if (!password?.startsWith("gopass://")) return;
  throw new PosternError(
    "entry_invalid",
    "The password is a reference to another entry, which Postern does not follow yet.",
    "Write the password itself into this entry.",
  );
}
