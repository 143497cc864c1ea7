/** The keys under which an entry's lines hold a login; lower-case, in the order of preference. */
export const PASSWORD_KEYS = ["password", "pass", "secret", "passwd"];
export const USER_KEYS = ["login", "username", "user", "email", "id"];
/** Of one-time codes, `steam` being that of a bare `steam://` line, the last ones pass-otp's old family. */
export const OTP_KEYS =
  "otp totp otpauth hotp steam otp_secret otp_type otp_algorithm otp_digits otp_period otp_counter".split(" ");

/** Whether a key means one of these: it is no field of its own then. */
export function isLoginKey(text: string): boolean {
  const key = text.trim().toLowerCase();
  return [PASSWORD_KEYS, USER_KEYS, OTP_KEYS].some((keys) => keys.includes(key));
}
