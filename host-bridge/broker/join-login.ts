import { USER_KEYS } from "#protocol/login-keys.ts";
import { parseEntryText, valueOf } from "./entry-text.ts";
import { type Login, autosubmitOf } from "./login.ts";
import { findOtp, parseOtp } from "./otp-line.ts";

/** The texts of an entry's other files. */
export interface CompanionTexts {
  username?: string;
  otp?: string;
  meta?: string;
}

/** One login of an entry's own text and those of the files beside it, none of which can give the password. */
export function joinLogin(login: Login, { username, otp, meta }: CompanionTexts): Login {
  const joined = meta === undefined ? login : joinMeta(login, meta);
  const user = username === undefined ? undefined : parseEntryText(username).first.trim();
  const source = otp === undefined ? undefined : otpOf(otp);
  return { ...joined, ...(user && { username: user }), ...(source && { otp: source }) };
}

function joinMeta(login: Login, text: string): Login {
  const { first, ofFirst, lines, fields } = parseEntryText(text);
  const all = [...ofFirst, ...fields];
  const username = valueOf(all, USER_KEYS) ?? (ofFirst.length > 0 ? undefined : first.trim());
  const otp = login.otp ?? findOtp([first, ...lines], all);
  const autosubmit = login.autosubmit ?? autosubmitOf(all);
  return {
    ...login,
    ...(username && { username }),
    ...(otp && { otp }),
    ...(autosubmit !== undefined && { autosubmit }),
    fields: [...login.fields, ...all],
  };
}

function otpOf(text: string): Login["otp"] {
  const { first, ofFirst, lines, fields } = parseEntryText(text);
  return findOtp([first, ...lines], [...ofFirst, ...fields]) ?? (first.trim() ? parseOtp(first.trim()) : undefined);
}
