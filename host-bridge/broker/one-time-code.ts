import { URL } from "node:url";
import { Secret, TOTP } from "otpauth";
import { PosternError } from "#protocol/error.ts";

/** How codes are made, as an entry tells it: unchecked until a code is asked for. */
export type OtpSource = { readonly uri: string } | OtpSettings;

interface OtpSettings {
  /** Base32, perhaps with spaces and padding. */
  readonly secret: string;
  readonly type?: string | undefined;
  readonly algorithm?: string | undefined;
  readonly digits?: string | undefined;
  readonly period?: string | undefined;
}

export interface OneTimeCode {
  code: string;
  /** The moment from which it is another one, in Unix milliseconds. */
  validUntil: number;
}

const STEAM_ALPHABET = "23456789BCDFGHJKMNPQRTVWXY";
const STEAM_LENGTH = 5;
/** Enough for the whole 31-bit number that a code is cut from (RFC 4226 section 5.3). */
const ALL_DIGITS = 10;

/**
 * The code in force (RFC 6238). @param now Unix milliseconds
 * @throws PosternError `entry_invalid`
 */
export function oneTimeCode(source: OtpSource, now: number): OneTimeCode {
  const settings = "uri" in source ? settingsOfUri(source.uri) : source;
  const type = (settings.type ?? "totp").toLowerCase();
  if (type === "hotp") {
    throw invalid(
      "Counter-based one-time codes (HOTP) are not supported.",
      "Their counter would have to be written back. Ask the site for time-based codes.",
    );
  }
  if (type !== "totp" && type !== "steam") throw invalid("The entry's one-time codes are of an unknown type.");

  const secret = parseSecret(settings.secret);
  const algorithm = parseAlgorithm(settings.algorithm);
  const period = parseNumber(settings.period ?? "30", 1, 86_400);
  const digits = type === "steam" ? ALL_DIGITS : parseNumber(settings.digits ?? "6", 6, 8);
  const code = TOTP.generate({ secret, algorithm, digits, period, timestamp: now });
  const span = period * 1000;
  return { code: type === "steam" ? steamCode(Number(code)) : code, validUntil: (Math.floor(now / span) + 1) * span };
}

/** Google's "Key Uri Format"; Steam's codes are told by KeePassXC's `encoder`, by the type, or by `steam://SECRET`. */
function settingsOfUri(uri: string): OtpSettings {
  const url = URL.parse(uri);
  if (url === null) throw invalid("The entry's otpauth:// line is not a URI.");
  if (url.protocol === "steam:") return { secret: url.hostname, type: "steam" };
  const parameter = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  return {
    secret: parameter("secret") ?? "",
    type: parameter("encoder") ?? url.hostname,
    algorithm: parameter("algorithm"),
    digits: parameter("digits"),
    period: parameter("period"),
  };
}

function parseSecret(text: string): Secret {
  // Looked for from where it begins: elsewhere, padding that is not at the end takes the square of the time.
  const base32 = text.replaceAll(/[\s-]/g, "").replace(/(?<!=)=+$/, "");
  if (!/^[a-z2-7]+$/i.test(base32)) throw invalid("The entry's one-time code secret is not base32.");
  return Secret.fromBase32(base32);
}

function parseAlgorithm(text = "SHA1"): string {
  const [, size] = /^(?:hmac-?)?sha-?(1|256|512)$/i.exec(text) ?? [];
  if (size === undefined) throw invalid("The entry's one-time code algorithm is not SHA-1, SHA-256 or SHA-512.");
  return `SHA${size}`;
}

function parseNumber(text: string, least: number, most: number): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw invalid("The number of digits or the period of the entry's one-time codes is out of range.");
}

/** Five characters, the lowest digit to the base 26 first. */
function steamCode(number: number): string {
  const base = STEAM_ALPHABET.length;
  const character = (_: unknown, at: number): string => STEAM_ALPHABET[Math.floor(number / base ** at) % base] ?? "";
  return Array.from({ length: STEAM_LENGTH }, character).join("");
}

function invalid(message: string, hint = "Look at the entry with: pass edit"): PosternError {
  return new PosternError("entry_invalid", message, hint);
}
