import assert from "node:assert/strict";
import { type OtpSource, oneTimeCode } from "#broker/one-time-code.ts";
import { oathtool } from "#test/harness/oathtool.ts";

/** RFC 6238, appendix B: the seeds are the digits, repeated to the length of the hash. */
const RFC_SECRETS: Record<string, string> = {
  SHA1: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
  SHA256: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA====",
  SHA512: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNA=",
};
const RFC_CODES: [number, string, string, string][] = [
  [59, "94287082", "46119246", "90693936"],
  [1_111_111_109, "07081804", "68084774", "25091201"],
  [1_111_111_111, "14050471", "67062674", "99943326"],
  [1_234_567_890, "89005924", "91819424", "93441116"],
  [2_000_000_000, "69279037", "90698825", "38618901"],
  [20_000_000_000, "65353130", "77737706", "47863826"],
];
const SECRET = "JBSWY3DPEHPK3PXP";

describe("one-time codes", () => {
  for (const [seconds, ...codes] of RFC_CODES) {
    for (const [at, [algorithm, secret]] of Object.entries(RFC_SECRETS).entries()) {
      it(`RFC 6238: ${algorithm} at ${seconds}`, () => {
        const uri = `otpauth://totp/x?secret=${secret}&algorithm=${algorithm}&digits=8`;
        assert.equal(oneTimeCode({ uri }, seconds * 1000).code, codes[at]);
      });
    }
  }

  for (const [algorithm, secret] of Object.entries(RFC_SECRETS)) {
    for (const digits of [6, 7, 8]) {
      it(`equals oathtool's: ${algorithm}, ${digits} digits, any period`, async () => {
        for (const period of [1, 17, 30, 59, 60, 86_400]) {
          for (const seconds of [59, 1_234_567_890, 4_102_444_799]) {
            const uri = `otpauth://totp/x?secret=${secret}&algorithm=${algorithm}&digits=${digits}&period=${period}`;
            const now = seconds * 1000 + 999;
            const theirs = await oathtool({ secret, algorithm, digits, period }, now);
            assert.equal(oneTimeCode({ uri }, now).code, theirs, `${period} s at ${seconds}`);
          }
        }
      }).timeout(30_000);
    }
  }

  it("has six digits for 30 seconds by SHA-1 where nothing else is said", () => {
    const secret = "gezd gnbv gy3t qojq gezd gnbv gy3t qojq ====";
    assert.deepEqual(oneTimeCode({ secret }, 59_000), { code: "287082", validUntil: 60_000 });
    assert.deepEqual(oneTimeCode({ secret }, 60_000).validUntil, 90_000);
  });

  it("takes 7 digits, any period, and every spelling of an algorithm", () => {
    const rfc = RFC_SECRETS.SHA256 ?? "";
    assert.deepEqual(oneTimeCode({ secret: rfc, digits: "7", period: "1", algorithm: "sha-256" }, 1_999), {
      code: oneTimeCode({ secret: rfc, digits: "8", algorithm: "HmacSHA256" }, 30_000).code.slice(1),
      validUntil: 2_000,
    });
  });

  it("writes Steam's codes in five of its own characters, however they are asked for", () => {
    const sources: OtpSource[] = [
      { uri: `steam://${SECRET}` },
      { uri: `otpauth://steam/x?secret=${SECRET}` },
      { uri: `otpauth://totp/Steam:x?secret=${SECRET}&encoder=steam` },
      { secret: SECRET, type: "steam" },
    ];
    // The number cut from the hash (RFC 4226 section 5.3) is 1529161820 then.
    for (const source of sources) assert.equal(oneTimeCode(source, 1_790_160_000_000).code, "6PT8P");
  });

  const REFUSED: Record<string, OtpSource> = {
    "HOTP by URI": { uri: `otpauth://hotp/x?secret=${SECRET}&counter=1` },
    "HOTP by key": { secret: SECRET, type: "hotp" },
    "an unknown type": { uri: `otpauth://motp/x?secret=${SECRET}` },
    "an unknown encoder": { uri: `otpauth://totp/x?secret=${SECRET}&encoder=base10` },
    "no secret": { uri: "otpauth://totp/x" },
    "an empty secret": { secret: " = " },
    "a secret that is not base32": { secret: "JBSWY3D1" },
    // In the square of its length this would take a quarter of an hour.
    "padding as long as an entry may be, and more": { secret: `${"=".repeat(1_000_000)}1` },
    MD5: { secret: SECRET, algorithm: "MD5" },
    "5 digits": { secret: SECRET, digits: "5" },
    "9 digits": { secret: SECRET, digits: "9" },
    "6.5 digits": { secret: SECRET, digits: "6.5" },
    "a period of 0": { secret: SECRET, period: "0" },
    "a negative period": { secret: SECRET, period: "-30" },
    "no URI": { uri: "otpauth://[" },
  };
  for (const [title, source] of Object.entries(REFUSED)) {
    it(`refuses ${title}, without a word of the secret`, () => {
      assert.throws(
        () => oneTimeCode(source, 0),
        (error: Error) => {
          assert.equal("code" in error && error.code, "entry_invalid");
          assert(!JSON.stringify([error.message, error.stack]).includes("JBSWY3D"));
          return true;
        },
      );
    });
  }

  it("says that HOTP is not supported", () => {
    assert.throws(() => oneTimeCode({ uri: "otpauth://hotp/x?secret=AA" }, 0), /HOTP.*not supported/);
  });
});
