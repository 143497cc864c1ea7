import { type Field, valueOf } from "./entry-text.ts";
import type { OtpSource } from "./one-time-code.ts";

const URI = /^(?:otpauth|steam):\/\//i;
const KEYS = ["otp", "totp", "otpauth"];

/** Where an entry says how one-time codes are made: a bare URI in a line before any key, then the keys in use. */
export function findOtp(lines: readonly string[], fields: readonly Field[]): OtpSource | undefined {
  const bare = lines.map((line) => line.trim()).find(isOtpUri);
  const told = bare ?? valueOf(fields, KEYS);
  if (told !== undefined) return parseOtp(told);
  const counted = valueOf(fields, ["hotp"]);
  if (counted !== undefined) return { secret: counted, type: "hotp" };
  return passOtpFamily(fields);
}

/** A URI or a bare secret. gopass may have taken a URI for a key and its value. */
export function parseOtp(told: string): OtpSource {
  if (isOtpUri(told)) return { uri: told };
  return told.startsWith("//") ? { uri: `otpauth:${told}` } : { secret: told };
}

/** Whether a text is a seed, wherever it stands. */
export function isOtpUri(text: string): boolean {
  return URI.test(text);
}

/** The lines that pass-otp wrote before it took to URIs. */
function passOtpFamily(fields: readonly Field[]): OtpSource | undefined {
  const secret = valueOf(fields, ["otp_secret"]);
  if (secret === undefined) return undefined;
  return {
    secret,
    type: valueOf(fields, ["otp_type"]),
    algorithm: valueOf(fields, ["otp_algorithm"]),
    digits: valueOf(fields, ["otp_digits"]),
    period: valueOf(fields, ["otp_period"]),
  };
}
