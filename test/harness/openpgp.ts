import { createCipheriv, createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { createDeflateRaw, deflateRawSync } from "node:zlib";
import { readPacket } from "#broker/openpgp-packet.ts";
import type { PassStore } from "./pass-store.ts";

/** What gpg encrypted to a key, and any content that is to be sealed in its place: packets that gpg itself does not write. */
export interface Sealing {
  /** The packet that gives the session key to the key's owner. */
  recipient: Buffer;
  /** AES-256's. */
  sessionKey: Buffer;
}

/** Lets gpg make a session key and encrypt it. */
export async function startSealing(store: PassStore, recipient: string): Promise<Sealing> {
  const [text, message] = [join(store.home, "sealed-text"), join(store.home, "sealed-message")];
  await writeFile(text, "");
  await store.gpg(["--batch", "--yes", "--cipher-algo", "AES256", "-r", recipient, "-o", message, "-e", text]);
  const show = ["--status-fd", "1", "--show-session-key", "--output", "/dev/null", "--decrypt", message];
  const status = await store.gpg(["--batch", "--yes", "--quiet", ...show]);
  const hex = /^\[GNUPG:\] SESSION_KEY 9:([0-9A-F]{64})$/m.exec(status)?.[1];
  if (hex === undefined) throw new Error("gpg did not show the session key");
  const bytes = await readFile(message);
  return { recipient: bytes.subarray(0, readPacket(bytes, 0).end), sessionKey: Buffer.from(hex, "hex") };
}

/** A message with the content under integrity protection (RFC 9580 section 5.13.1). */
export function seal({ recipient, sessionKey }: Sealing, content: Buffer): Buffer {
  const plain = Buffer.concat([prefix(), content, Buffer.from([0xd3, 0x14])]);
  const digest = createHash("sha1").update(plain).digest();
  const cipher = createCipheriv("aes-256-cfb", sessionKey, Buffer.alloc(16));
  const encrypted = Buffer.concat([cipher.update(plain), cipher.update(digest), cipher.final()]);
  return Buffer.concat([recipient, packet(18, Buffer.concat([Buffer.from([1]), encrypted]))]);
}

/** A message as of the last century, which anybody may change (section 5.7). */
export function sealUnprotected({ recipient, sessionKey }: Sealing, content: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-cfb", sessionKey, Buffer.alloc(16));
  const start = Buffer.concat([cipher.update(prefix()), cipher.final()]);
  const rest = createCipheriv("aes-256-cfb", sessionKey, start.subarray(2));
  return Buffer.concat([recipient, packet(9, Buffer.concat([start, rest.update(content), rest.final()]))]);
}

function packet(tag: number, body: Buffer): Buffer {
  return Buffer.concat([header(tag, body.length), body]);
}

/** A new header with a length of four bytes. */
function header(tag: number, length: number): Buffer {
  const bytes = Buffer.from([0xc0 | tag, 0xff, 0, 0, 0, 0]);
  bytes.writeUInt32BE(length, 2);
  return bytes;
}

/** Binary, without a name and a date. */
const LITERAL_START = Buffer.from("b\0\0\0\0\0", "latin1");

export function literal(text: string): Buffer {
  return packet(11, Buffer.concat([LITERAL_START, Buffer.from(text)]));
}

export function compressed(content: Buffer): Buffer {
  return packet(8, Buffer.concat([Buffer.from([1]), deflateRawSync(content, { level: 9 })]));
}

/** Compressed data that is a text of so many zeros, a whole number of MiB. */
export async function unfoldingTo(size: number): Promise<Buffer> {
  const piece = Buffer.alloc(1024 * 1024);
  async function* zeros(): AsyncGenerator<Buffer> {
    yield Buffer.concat([header(11, LITERAL_START.length + size), LITERAL_START]);
    for (let sent = 0; sent < size; sent += piece.length) yield piece;
  }
  const body = await buffer(Readable.from(zeros()).pipe(createDeflateRaw()));
  return packet(8, Buffer.concat([Buffer.from([1]), body]));
}

/** One block at random, its last two bytes again. */
function prefix(): Buffer {
  const block = randomBytes(16);
  return Buffer.concat([block, block.subarray(14)]);
}
