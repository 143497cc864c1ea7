import { valueOf } from "./entry-text.ts";
import type { OtpSource } from "./one-time-code.ts";

const URI = /^(?:otpauth|steam):\/\//i;

/** Where the lines say how one-time codes are made: a bare URI before any key, then the keys in use. */
export function findOtp(lines: readonly string[]): OtpSource | undefined {
  const bare = lines.map((line) => line.trim()).find((line) => URI.test(line));
  const told = bare ?? valueOf(lines, ["otp", "totp", "otpauth"]);
  if (told !== undefined) return URI.test(told) ? { uri: told } : { secret: told };
  return passOtpFamily(lines);
}

/** The lines that pass-otp wrote before it took to URIs. */
function passOtpFamily(lines: readonly string[]): OtpSource | undefined {
  const secret = valueOf(lines, ["otp_secret"]);
  if (secret === undefined) return undefined;
  return {
    secret,
    type: valueOf(lines, ["otp_type"]),
    algorithm: valueOf(lines, ["otp_algorithm"]),
    digits: valueOf(lines, ["otp_digits"]),
    period: valueOf(lines, ["otp_period"]),
  };
}
