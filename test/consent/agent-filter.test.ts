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
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), (line) => {
        const { action } = judgeCommand(line, allowed);
        if (action === "decrypt") assert.match(line, /^PKDECRYPT$/i);
        if (action === "setkey") assert.equal(line.toUpperCase(), `SETKEY ${OURS}`);
      }),
    );
  });
});
