import assert from "node:assert/strict";
import fc from "fast-check";
import { PosternError } from "#protocol/error.ts";
import { dearmor } from "#broker/openpgp-armor.ts";
import { readEncrypted } from "#broker/openpgp-recipients.ts";

const KEY = "0123456789ABCDEF";
/** Packets in hexadecimal: header, length, body. */
const TO_KEY = `c10d03${KEY}010001ff`;
const TO_NOBODY = "c10d030000000000000000010001ff";
const OLD_TO_KEY = `840d03${KEY}010001ff`;
const V6_TO_V4 = `c1${hexByte(2 + 21 + 1)}061504${"ff".repeat(12)}${KEY}12`;
const V6_TO_V6 = `c1${hexByte(2 + 33 + 1)}062106${KEY}${"ff".repeat(24)}19`;
const V6_TO_NOBODY = "c103060019";
const SEIPD = "d20401aabbcc";
const SEIPD_IN_PARTS = "d2e001e1aabb02ccdd";
const AEAD = "d404010902aa";
const MARKER = "ca03504750";

const ACCEPTED: Record<string, [string, string[]]> = {
  "one recipient": [TO_KEY + SEIPD, [KEY]],
  "an old header": [OLD_TO_KEY + SEIPD, [KEY]],
  "several recipients, one of them hidden": [TO_KEY + TO_NOBODY + SEIPD, [KEY, "0000000000000000"]],
  "version 6, for a version 4 key": [V6_TO_V4 + SEIPD, [KEY]],
  "version 6, for a version 6 key": [V6_TO_V6 + SEIPD, [KEY]],
  "version 6, hidden": [V6_TO_NOBODY + SEIPD, ["0000000000000000"]],
  "a marker in front": [MARKER + TO_KEY + SEIPD, [KEY]],
  "encrypted data in parts": [TO_KEY + SEIPD_IN_PARTS, [KEY]],
  "GnuPG's AEAD": [TO_KEY + AEAD, [KEY]],
  "a length of two bytes": [`${TO_KEY}d2c000${"00".repeat(192)}`, [KEY]],
  "a length of four bytes": [`${TO_KEY}d2ff0000000401aabbcc`, [KEY]],
};

const REFUSED: Record<string, [string, RegExp]> = {
  nothing: ["", /ends before/],
  "recipients alone": [TO_KEY, /ends before/],
  "no recipient": [SEIPD, /names no recipient/],
  "a passphrase": [`c30d04090302${"ff".repeat(9)}${SEIPD}`, /passphrase/],
  "a passphrase beside a key": [`${TO_KEY}c30d04090302${"ff".repeat(9)}${SEIPD}`, /passphrase/],
  "literal data": ["cb0862000000000061620a", /not encrypted/],
  "literal data in front": [`cb0862000000000061620a${TO_KEY}${SEIPD}`, /not encrypted/],
  "literal data behind": [`${TO_KEY}${SEIPD}cb0862000000000061620a`, /goes on/],
  "two messages": [TO_KEY + SEIPD + TO_KEY + SEIPD, /goes on/],
  "one byte behind": [`${TO_KEY}${SEIPD}00`, /goes on/],
  "compressed data": ["a302cb0862000000000061620a", /compressed/],
  "a signature": ["c20304000b", /only signed/],
  "a one-pass signature": ["c40d03000816aabbccddeeff001101", /only signed/],
  "no integrity protection": [`${TO_KEY}c904aabbccdd`, /integrity/],
  "a public key": ["c6020400", /not an encrypted message/],
  "an unknown packet in front": [`ff00${TO_KEY}${SEIPD}`, /not an encrypted message/],
  "a recipient without a length": [`8703${KEY}010001ff${SEIPD}`, /without a length/],
  "a recipient in parts": [`c1e003e0${SEIPD}`, /without a length/],
  "a recipient of version 2": [`c10d02${KEY}010001ff${SEIPD}`, /unknown way/],
  "a recipient of version 6 with an odd fingerprint": [`c1050603040a12${SEIPD}`, /unknown way/],
  "a recipient cut short": ["c10d03012345", /cut short/],
  "a key id cut short": [`c10303aabb${SEIPD}`, /cut short/],
  "encrypted data cut short": [`${TO_KEY}d20501aabbcc`, /cut short/],
  "parts cut short": [`${TO_KEY}d2e001e1aa`, /cut short/],
  "a length cut short": [`${TO_KEY}d2ff0000`, /cut short/],
  "a length of 4 GiB": [`${TO_KEY}d2ffffffffff01`, /cut short/],
  "no packet": ["0000", /not an OpenPGP/],
};

describe("recipients of a message", () => {
  for (const [title, [hex, recipients]] of Object.entries(ACCEPTED)) {
    it(`takes ${title}`, () => assert.deepEqual(readEncrypted(Buffer.from(hex, "hex")).recipients, recipients));
  }
  for (const [title, [hex, message]] of Object.entries(REFUSED)) {
    it(`refuses ${title}`, () => {
      assert.throws(() => readEncrypted(Buffer.from(hex, "hex")), { code: "entry_invalid", message });
    });
  }

  it("has what is encrypted, however it is wrapped", () => {
    const wrapped = [SEIPD, MARKER + SEIPD, "d2ff0000000401aabbcc", "d2e00103aabbcc"];
    for (const hex of wrapped) {
      const { encrypted } = readEncrypted(Buffer.from(TO_KEY + hex, "hex"));
      assert.equal(Buffer.from(encrypted).toString("hex"), "01aabbcc", hex);
    }
  });

  it("reads every beginning and every one-byte change of a message, or refuses it", () => {
    const message = Buffer.from(MARKER + TO_KEY + V6_TO_V4 + SEIPD_IN_PARTS, "hex");
    for (let at = 0; at < message.length; at++) {
      readOrRefuse(message.subarray(0, at));
      for (let byte = 0; byte < 256; byte++) {
        const changed = Buffer.from(message);
        changed[at] = byte;
        readOrRefuse(changed);
      }
    }
  });

  it("reads any bytes, or refuses them", () => {
    const piece = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom(...[TO_KEY, SEIPD, MARKER, "d2e0", "c1ff"].map((hex) => new Uint8Array(Buffer.from(hex, "hex")))),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => readOrRefuse(Buffer.concat(pieces))),
      { numRuns: 5_000 },
    );
  });
});

describe("armor", () => {
  const binary = Buffer.from(TO_KEY + SEIPD, "hex");
  const body = binary.toString("base64");
  const armored = `-----BEGIN PGP MESSAGE-----\n\n${body}\n=aBcD\n-----END PGP MESSAGE-----\n`;

  it("leaves binary messages as they are", () => assert.equal(dearmor(binary), binary));

  const SOUND: Record<string, string> = {
    armored,
    "with CRLF": armored.replaceAll("\n", "\r\n"),
    "with headers": armored.replace("\n\n", "\nVersion: GnuPG v2\nComment: a: b\n\n"),
    "without a checksum": armored.replace("=aBcD\n", ""),
    "in short lines": armored.replace(body, body.replaceAll(/.{4}/g, "$&\n").trim()),
    "with blanks around": `\n  ${armored}\n\n`,
  };
  for (const [title, text] of Object.entries(SOUND)) {
    it(`decodes what is ${title}`, () => assert.deepEqual(Buffer.from(dearmor(Buffer.from(text))), binary));
  }

  const BROKEN: Record<string, string> = {
    "plain text": "hunter2\n",
    "nothing at all": "",
    "text in front": `hello\n${armored}`,
    "text behind": `${armored}hello\n`,
    "two messages": armored + armored,
    "a signed text": armored.replaceAll("MESSAGE", "SIGNED MESSAGE"),
    "no blank line": armored.replace("\n\n", "\n"),
    "no end": armored.replace("-----END PGP MESSAGE-----", ""),
    "a header that is none": armored.replace("\n\n", "\nhello\n\n"),
    "a sign that is not base64": armored.replace(body, `*${body.slice(1)}`),
    "base64 cut short": armored.replace(body, body.slice(1)),
    "no content": armored.replace(body, ""),
    "padding in the middle": armored.replace(body, `AA==\n${body}`),
    // In the square of its length this would take a quarter of an hour.
    "a line of blanks as long as a file may be": `x${" ".repeat(1_000_000)}x`,
  };
  for (const [title, text] of Object.entries(BROKEN)) {
    it(`refuses ${title}`, () => assert.throws(() => dearmor(Buffer.from(text)), { code: "entry_invalid" }));
  }

  it("decodes any bytes that were armored", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
        const text = armored.replace(body, Buffer.from(bytes).toString("base64"));
        assert.deepEqual(new Uint8Array(dearmor(Buffer.from(text))), bytes);
      }),
    );
  });
});

function readOrRefuse(message: Uint8Array): void {
  try {
    readEncrypted(message);
  } catch (error) {
    assert(error instanceof PosternError);
    assert.equal(error.code, "entry_invalid");
  }
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
