import { byteAt, invalidMessage, readPacket } from "./openpgp-packet.ts";

/** Stands for a recipient who is not named. */
export const HIDDEN_RECIPIENT = "0000000000000000";

/** Packet tags (RFC 9580 section 5; 20 is GnuPG's). */
const PKESK = 1;
const MARKER = 10;
const SEIPD = 18;
const AEAD = 20;

const REFUSED = new Map([
  [2, "is only signed, not encrypted"],
  [3, "is encrypted with a passphrase, not to a key"],
  [4, "is only signed, not encrypted"],
  [8, "is compressed, not encrypted"],
  [9, "is encrypted without integrity protection"],
  [11, "is not encrypted"],
]);

export interface EncryptedMessage {
  /** The ids of the keys: 16 hexadecimal digits each, upper-case. */
  recipients: string[];
  /**
   * What is encrypted, alone: nobody can change it without the session key, and all that stands around it anybody can.
   */
  encrypted: Uint8Array;
}

/**
 * Takes a binary message apart. It must be recipients, then one integrity-protected packet, and nothing else: gpg sees only what
 * was judged here, or it would ask for a passphrase of a stranger's choosing and print what nobody encrypted.
 * @throws PosternError `entry_invalid`
 */
export function readEncrypted(message: Uint8Array): EncryptedMessage {
  const recipients: string[] = [];
  for (let at = 0; at < message.length;) {
    const { tag, body, isWhole, end } = readPacket(message, at);
    if (tag === SEIPD || tag === AEAD) {
      if (recipients.length === 0) throw invalidMessage("names no recipient");
      if (end !== message.length) throw invalidMessage("goes on after the encrypted part");
      return { recipients, encrypted: body };
    }
    if (tag !== PKESK && tag !== MARKER) throw invalidMessage(REFUSED.get(tag) ?? "is not an encrypted message");
    if (!isWhole) throw invalidMessage("has a recipient without a length");
    if (tag === PKESK) recipients.push(readKeyId(body));
    at = end;
  }
  throw invalidMessage("ends before the encrypted part");
}

/** Sections 5.1.1 (version 3) and 5.1.2 (version 6). */
function readKeyId(body: Uint8Array): string {
  const version = byteAt(body, 0);
  if (version === 3) return keyId(body, 1);
  const length = byteAt(body, 1);
  if (version === 6 && length === 0) return HIDDEN_RECIPIENT;
  // A key's id is the end of a version 4 fingerprint, the beginning of a version 6 one (section 5.5.4).
  if (version === 6 && length === 21 && byteAt(body, 2) === 4) return keyId(body, 15);
  if (version === 6 && length === 33 && byteAt(body, 2) === 6) return keyId(body, 3);
  throw invalidMessage("names a recipient in an unknown way");
}

function keyId(body: Uint8Array, at: number): string {
  byteAt(body, at + 7);
  const hex = Buffer.from(body.subarray(at, at + 8)).toString("hex");
  return hex.toUpperCase();
}
