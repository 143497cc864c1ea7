import { PASSWORD_KEYS, USER_KEYS, isLoginKey } from "#protocol/login-keys.ts";
import type { EntryName } from "./entry-name.ts";
import { type EntryText, type Field, parseEntryText, valueOf } from "./entry-text.ts";
import type { OtpSource } from "./one-time-code.ts";
import { findOtp, isOtpUri } from "./otp-line.ts";
import { siteOfEntry } from "./site.ts";

/** What an entry's text holds for a sign-in. Everything else in it is a note and stays where it is. */
export interface Login {
  password?: string;
  /** The entry that gopass's `gopass://` names in the place of the password, unchecked. */
  reference?: string;
  username?: string;
  otp?: OtpSource;
  /** What the entry itself wants, whatever the settings say. */
  autosubmit?: boolean;
  /** Every key and value of the text, those above included. */
  fields: readonly Field[];
}

const REFERENCE = "gopass://";

/** Reads an entry as `pass` users and the tools around it write it: the password first, then keys and values. */
export function parseLogin(text: string, name: EntryName): Login {
  const parsed = parseEntryText(text);
  const { first, ofFirst, lines } = parsed;
  const allFields = [...ofFirst, ...parsed.fields];
  const keyedPassword = valueOf(allFields, PASSWORD_KEYS);
  // A first line that is the password is nothing else, whatever it looks like; one that makes codes is no password.
  const isFirstPassword = keyedPassword === undefined && findOtp([first], ofFirst) === undefined;
  const fields = isFirstPassword ? parsed.fields : allFields;

  const password = isFirstPassword ? first : keyedPassword;
  const isReference = password?.startsWith(REFERENCE) === true;
  const username = valueOf(fields, USER_KEYS) ?? siteOfEntry(name).username ?? secondLine(parsed);
  const otp = findOtp(isFirstPassword ? lines : [first, ...lines], fields);
  const autosubmit = autosubmitOf(fields);
  return {
    ...(password && !isReference && { password }),
    ...(isReference && { reference: password.slice(REFERENCE.length).trim() }),
    ...(username && { username }),
    ...(otp && { otp }),
    ...(autosubmit !== undefined && { autosubmit }),
    fields,
  };
}

/**
 * The first value under a name of the user's own. Never one that means user, password or one-time code, nor a seed
 * under whatever name: those are released as what they are, or not at all.
 */
export function customField({ fields }: Pick<Login, "fields">, name: string): string | undefined {
  const key = name.trim().toLowerCase();
  const value = isLoginKey(key) ? undefined : valueOf(fields, [key]);
  return value === undefined || isOtpUri(value) ? undefined : value;
}

export function autosubmitOf(fields: readonly Field[]): boolean | undefined {
  const told = valueOf(fields, ["autosubmit"]);
  return told === undefined ? undefined : told.toLowerCase() !== "false";
}

/** The user name of entries without any keys. */
function secondLine({ lines, fields }: EntryText): string | undefined {
  return fields.length > 0 || lines.includes("---") ? undefined : lines[0]?.trim();
}
