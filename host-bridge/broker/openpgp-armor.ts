import { PosternError } from "#protocol/error.ts";

const BEGIN = "-----BEGIN PGP MESSAGE-----";
const END = "-----END PGP MESSAGE-----";

/**
 * The binary form of a message: bytes that already are it as they are, one ASCII-armored message decoded (RFC 9580
 * section 6). Nothing may stand around the armor. The checksum is left alone: the message protects itself.
 * @throws PosternError `entry_invalid`
 */
export function dearmor(bytes: Uint8Array): Uint8Array {
  // The first bit of every packet is set, and of no ASCII character.
  if (((bytes[0] ?? 0) & 0x80) !== 0) return bytes;
  const text = Buffer.from(bytes).toString("latin1").trim();
  // Looked for from where they begin: elsewhere, blanks that no line's end follows take the square of the time.
  const lines = text.split("\n").map((line) => line.replace(/(?<![ \t])[ \t]*\r?$/, ""));
  const blank = lines.indexOf("");
  if (lines[0] !== BEGIN || lines.at(-1) !== END || blank < 0) throw broken();
  if (!lines.slice(1, blank).every((line) => /^[A-Za-z][A-Za-z-]*: /.test(line))) throw broken();
  const body = lines.slice(blank + 1, -1);
  if (/^=[A-Za-z0-9+/]{4}$/.test(body.at(-1) ?? "")) body.pop();
  return decodeBase64(body.join(""));
}

function decodeBase64(text: string): Uint8Array {
  // Node skips what is not base64; another decoder might stop there, and read another message.
  if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) throw broken();
  return Buffer.from(text, "base64");
}

function broken(): PosternError {
  return new PosternError(
    "entry_invalid",
    "The entry's file is neither an OpenPGP message nor a sound armored one.",
    "Look at it with: gpg --list-packets",
  );
}
