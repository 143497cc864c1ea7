import assert from "node:assert/strict";
import fc from "fast-check";
import { judgeCommand } from "#consent/agent-filter.ts";

const OURS = "0123456789ABCDEF0123456789ABCDEF01234567";
const OTHER = "F".repeat(40);
const allowed = new Set([OURS]);

/** What the agent can do beyond a decrypt with a key of the store. */
const REFUSED = [
  "PKSIGN",
  "SIGKEY " + OURS,
  `SETKEY ${OTHER}`,
  `SETKEY ${OURS} ${OTHER}`,
  "SETKEY",
  "SETHASH 8 00",
  "GENKEY",
  "READKEY " + OURS,
  "KEYINFO --list",
  `KEYINFO ${OURS}`,
  "EXPORT_KEY " + OURS,
  "IMPORT_KEY",
  "DELETE_KEY " + OURS,
  "KEYWRAP_KEY --export",
  "GET_PASSPHRASE x X X Your+passphrase",
  "GET_CONFIRMATION Really",
  "PRESET_PASSPHRASE " + OURS,
  "CLEAR_PASSPHRASE " + OURS,
  "LISTTRUSTED",
  "MARKTRUSTED x S",
  "SCD SERIALNO",
  "KILLAGENT",
  "RELOADAGENT",
  "PASSWD " + OURS,
  "PUTVAL a b",
  "GETVAL a",
  "UPDATESTARTUPTTY",
  "GETEVENTCOUNTER",
  "GETINFO pid",
  "GETINFO socket_name",
  "PKDECRYPT --kem",
  "HAVEKEY ../../x",
  "HELP",
  "",
  "auth",
];

describe("the filter in front of gpg-agent", () => {
  for (const line of REFUSED) {
    it(`refuses ${JSON.stringify(line)}`, () => assert.deepEqual(judgeCommand(line, allowed), { action: "refuse" }));
  }

  it("lets a decrypt with the store's key pass", () => {
    assert.deepEqual(judgeCommand(`SETKEY ${OURS}`, allowed), { action: "setkey", grip: OURS });
    assert.deepEqual(judgeCommand("PKDECRYPT", allowed), { action: "decrypt" });
  });

  it("asks after the store's keys alone", () => {
    assert.deepEqual(judgeCommand(`HAVEKEY ${OTHER} ${OURS}`, allowed), { action: "havekey", isThere: true });
    assert.deepEqual(judgeCommand(`HAVEKEY ${OTHER}`, allowed), { action: "havekey", isThere: false });
  });

  it("takes options and descriptions without a word of them", () => {
    assert.deepEqual(judgeCommand("SETKEYDESC Trust+me", allowed), { action: "ok" });
    assert.deepEqual(judgeCommand("OPTION putenv=LD_PRELOAD=/x", allowed), { action: "ok" });
  });

  it("never lets an action out for a line that does not begin with its command", () => {
    // Each half is often what it should be, and the other then is not.
    const part = (...likely: string[]): fc.Arbitrary<string> =>
      fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...likely) }, fc.string({ maxLength: 8 }));
    const command = part("PKDECRYPT", "pkdecrypt", "SETKEY", "SetKey");
    const rest = part("", ` ${OURS}`, ` ${OURS} `, ` ${OURS} ${OURS}`, ` ${OURS.toLowerCase()}`, ` ${OTHER}`);
    const line = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.tuple(part(""), command, rest).map((parts) => parts.join("")),
    );
    const out = { decrypt: 0, setkey: 0 };
    fc.assert(
      fc.property(line, (said) => {
        const { action } = judgeCommand(said, allowed);
        if (action !== "decrypt" && action !== "setkey") return;
        assert.match(said, action === "decrypt" ? /^PKDECRYPT$/i : new RegExp(`^SETKEY ${OURS}$`, "i"));
        out[action] += 1;
      }),
      { numRuns: 2_000 },
    );
    assert(out.decrypt > 0 && out.setkey > 0, JSON.stringify(out));
  });
});
