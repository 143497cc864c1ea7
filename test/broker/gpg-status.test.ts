import assert from "node:assert/strict";
import { judgeDecryption } from "#broker/gpg-status.ts";

const GOOD = [
  "BEGIN_DECRYPTION",
  "DECRYPTION_INFO 2 9 0",
  "PLAINTEXT 62 0 ",
  "DECRYPTION_OKAY",
  "GOODMDC",
  "END_DECRYPTION",
];
const FAILED = ["BEGIN_DECRYPTION", "DECRYPTION_FAILED", "END_DECRYPTION"];

describe("what gpg says", () => {
  it("is believed when it has all to say, once", () => assert.equal(judge(0, GOOD), undefined));
  it("may name keys that are not there, as long as one was", () => {
    assert.equal(judge(0, ["ENC_TO 0123456789ABCDEF 1 0", "NO_SECKEY 0123456789ABCDEF", ...GOOD]), undefined);
  });

  it("is not believed with another exit code, or when a signal ended it", () => {
    for (const exitCode of [1, 2, 33, null]) assert.equal(judge(exitCode, GOOD), "entry_invalid");
  });
  it("is not believed when a word is missing or comes twice", () => {
    for (const word of ["BEGIN_DECRYPTION", "PLAINTEXT 62 0 ", "DECRYPTION_OKAY", "GOODMDC"]) {
      assert.equal(
        judge(
          0,
          GOOD.filter((line) => line !== word),
        ),
        "entry_invalid",
        `without ${word}`,
      );
      assert.equal(judge(0, [...GOOD, word]), "entry_invalid", `with ${word} twice`);
    }
  });
  it("is not believed in lines that are not status lines", () => {
    assert.equal(judgeDecryption({ exitCode: 0, status: GOOD.join("\n") })?.code, "entry_invalid");
    assert.equal(
      judgeDecryption({ exitCode: 0, status: GOOD.map((line) => ` [GNUPG:] ${line}`).join("\n") })?.code,
      "entry_invalid",
    );
  });

  const FAILURES: Record<string, [number, string, RegExp]> = {
    "a wrong passphrase": [67108875, "pinentry_failed", /wrong/],
    "a wrong PIN": [100663383, "pinentry_failed", /wrong/],
    "a cancelled pinentry": [83886179, "pinentry_failed", /not given/],
    "a pinentry that was closed for good": [83886278, "pinentry_failed", /not given/],
    "a pinentry that gave up": [83886142, "pinentry_failed", /in time/],
    "no pinentry": [67108949, "pinentry_failed", /no pinentry/],
    "a pinentry that crashed": [83902463, "pinentry_failed", /could not ask/],
    "no secret key": [67108881, "no_secret_key", /key/],
    "an agent that went away": [67125247, "agent_unreachable", /did not decrypt/],
    "an agent that forbids it": [67109115, "agent_unreachable", /did not decrypt/],
    "no number": [Number.NaN, "agent_unreachable", /did not decrypt/],
  };
  for (const [title, [error, code, message]] of Object.entries(FAILURES)) {
    it(`tells ${title}`, () => {
      const status = [`ERROR pkdecrypt_failed ${error}`, ...FAILED].map((line) => `[GNUPG:] ${line}`).join("\n");
      const judged = judgeDecryption({ exitCode: 2, status });
      assert.equal(judged?.code, code);
      assert.match(judged?.message ?? "", message);
    });
  }

  it("tells a missing key from damage", () => {
    assert.equal(judge(2, ["NO_SECKEY 0123456789ABCDEF", ...FAILED]), "no_secret_key");
    assert.equal(judge(2, FAILED), "entry_invalid");
    assert.equal(judge(2, []), "entry_invalid");
  });
});

function judge(exitCode: number | null, lines: string[]): string | undefined {
  return judgeDecryption({ exitCode, status: lines.map((line) => `[GNUPG:] ${line}\n`).join("") })?.code;
}
