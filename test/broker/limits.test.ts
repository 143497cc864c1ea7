import assert from "node:assert/strict";
import { type Limits, openLimits } from "#broker/limits.ts";
import { createLookups } from "#broker/lookups.ts";
import { type GatePolicy, policyOf } from "#broker/policy.ts";
import { PosternError } from "#protocol/error.ts";
import type { LimitQuestion } from "#protocol/generated/consent.ts";
import type { Lookups } from "#protocol/generated/state.ts";
import { parseOrigin } from "#protocol/origin.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const never = new AbortController().signal;
const site = (name: number | string): ReturnType<typeof parseOrigin> => parseOrigin(`https://www.${name}.com`);

describe("what one gate may ask for", () => {
  let now: number;
  let policy: GatePolicy;
  let kept: Lookups | undefined;
  let unknown: number;
  let full: string[];
  let questions: LimitQuestion[];
  let isFull: boolean;
  let person: () => Promise<unknown>;
  let limits: Limits;
  beforeEach(async () => {
    now = 1_000_000;
    policy = policyOf("test", {}, false, () => false);
    kept = { approved: { domains: [], hosts: [] }, domains: {}, hosts: {}, answers: {} };
    [unknown, full, questions] = [0, [], []];
    isFull = false;
    person = async () => {
      throw new PosternError("no_consent_agent", "Nobody.");
    };
    limits = await open();
  });

  const open = (): Promise<Limits> =>
    openLimits({
      gate: "test",
      policy: () => policy,
      ask: (question) => {
        questions.push(question);
        return person();
      },
      file: {
        read: async () => kept,
        write: async (state) => {
          if (isFull) throw new Error("no room");
          kept = state;
        },
      },
      onUnknown: () => (unknown += 1),
      onFull: (counted, span) => full.push(`${counted} ${span}`),
      now: () => now,
    });
  const look = (origin: string, ...found: string[]): Promise<readonly string[]> =>
    limits.find(parseOrigin(origin), never, async () => found);
  const find = (name: number | string): Promise<readonly string[]> => look(`https://www.${name}.com`);
  const limited = { code: "rate_limited" };
  const fill = async (first: number, count: number): Promise<void> => {
    for (let at = first; at < first + count; at++) await find(`site${at}`);
  };

  it("looks up 20 sites a minute, the same one as often as it likes", async () => {
    for (let again = 0; again < 3; again++) await fill(0, 20);
    await assert.rejects(find("more"), limited);
    await find("site3");
    await look("https://other.site3.com:8443");
    now += MINUTE;
    await find("more");
  });

  it("counts an address as a site", async () => {
    await fill(0, 19);
    await look("https://192.0.2.1");
    await look("https://192.0.2.1:8443");
    await assert.rejects(look("https://192.0.2.2"), limited);
    await assert.rejects(look("https://[2001:db8::1]"), limited);
  });

  it("looks up 20 hosts below one site a minute, and 300 a day, approved for another of them or not", async () => {
    limits.approve(parseOrigin("https://mine.site.com"));
    for (let first = 0; first < 300; first += 20, now += MINUTE) {
      for (let at = first; at < first + 20; at++) await look(`https://host${at}.site.com`);
      if (first < 280) await assert.rejects(look("https://more.site.com"), limited);
    }
    await assert.rejects(look("https://more.site.com"), limited);
    for (const host of ["mine.site.com", "host299.site.com", "host3.other.com"]) await look(`https://${host}`);
    limits = await open();
    await assert.rejects(look("https://more.site.com"), limited);
    now += DAY;
    await look("https://more.site.com");
    assert.deepEqual(new Set(full), new Set(["hosts minute", "hosts day"]));
  });

  it("is told of the entries of 20 hosts a minute, wherever they are", async () => {
    for (let at = 0; at < 19; at++) await look(`https://host${at}.site${at % 5}.com`, "alice");
    for (let at = 0; at < 30; at++) await look(`https://none${at}.site${at % 5}.com`);
    const asked = ["a", "b", "c"].map((host) => look(`https://${host}.site9.com`, "alice").catch(() => "refused"));
    assert.deepEqual(await Promise.all(asked), [["alice"], "refused", "refused"]);
    // Or else being refused would tell that there is one.
    await assert.rejects(look("https://none31.site9.com"), limited);
    assert.deepEqual(await look("https://host3.site3.com", "alice"), ["alice"]);
    assert.deepEqual(full, ["answers minute"]);
    now += MINUTE;
    await look("https://b.site9.com", "alice");
  });

  it("looks up 300 sites a day", async () => {
    for (let first = 0; first < 300; first += 20, now += MINUTE) await fill(first, 20);
    await assert.rejects(find("more"), {
      ...limited,
      hint: "Wait a day; or be asked whether it may go on, after: postern unlock test",
    });
    await find("site3");
    now += DAY;
    await find("more");
  });

  it("looks up a site it was approved for without counting, also after a restart", async () => {
    limits.approve(site("mine"));
    await fill(0, 20);
    await find("mine");
    await assert.rejects(find("more"), limited);
    limits = await open();
    await find("mine");
    await assert.rejects(find("more"), limited);
  });

  it("counts a site no longer once it was approved", async () => {
    await fill(0, 20);
    limits.approve(site("site3"));
    await find("more");
    await assert.rejects(find("one-more"), limited);
  });

  it("counts the sites of before a restart", async () => {
    await fill(0, 12);
    limits = await open();
    await fill(12, 8);
    await assert.rejects(find("more"), limited);
    await find("site3");
    assert.equal(unknown, 0);
  });

  it("waits a minute, and forgets what was approved, where it can not tell what was before; and says so", async () => {
    limits.approve(site("mine"));
    kept = undefined;
    limits = await open();
    assert.equal(unknown, 1);
    await assert.rejects(find("mine"), { ...limited, hint: "Wait a minute, then try again." });
    now += MINUTE;
    await find("mine");
  });

  it("answers no look-up that is not counted on the disk, the second time as little", async () => {
    isFull = true;
    for (let times = 0; times < 3; times++) await assert.rejects(find("site1"), { code: "internal" });
    isFull = false;
    await find("site1");
    assert.deepEqual(kept?.domains, { "site1.com": now });
  });

  it("does not make a day longer when the clock was set back", () => {
    const lookups = createLookups(
      { "a.com": now + 30 * DAY },
      () => policy.limits,
      () => now,
    );
    now += DAY;
    assert.equal(lookups.fullSpan("b.com"), undefined);
    assert.deepEqual(lookups.kept(), {});
  });

  it("asks for 10 logins and 3 choices a minute", () => {
    for (let round = 0; round < 10; round++) limits.countGet();
    for (let round = 0; round < 3; round++) limits.countPick();
    assert.throws(limits.countGet, limited);
    assert.throws(limits.countPick, limited);
    now += MINUTE;
    limits.countGet();
    limits.countPick();
  });

  it("may do what the policy says now", async () => {
    policy = { ...policy, limits: { ...policy.limits, domainsAMinute: 1, getsAMinute: 1 } };
    await find("site1");
    limits.countGet();
    await assert.rejects(find("site2"), limited);
    assert.throws(limits.countGet, limited);
    policy = policyOf("test", {}, false, () => false);
    await find("site2");
    limits.countGet();
  });

  it("over it, one question names the page; after a yes it goes on from nothing", async () => {
    person = async () => "once";
    await fill(0, 40);
    assert.deepEqual(questions, [
      {
        kind: "limit",
        gate: "test",
        origin: "https://www.site20.com",
        registrableDomain: "site20.com",
        domains: 20,
        span: "minute",
      },
    ]);
    assert.deepEqual(full, ["domains minute"]);
    await find("site40");
    assert.equal(questions.length, 2);
  });

  it("a yes to the minute's question is none to the day's", async () => {
    person = async () => "once";
    await fill(0, 301);
    assert.deepEqual(
      questions.map(({ span }) => span),
      [...Array.from({ length: 14 }, () => "minute"), "day"],
    );
    await fill(301, 19);
    assert.equal(questions.length, 15);
  });

  for (const code of ["denied", "timeout"] as const) {
    it(`asks once and not again until there is room, after: ${code}`, async () => {
      person = async () => {
        throw new PosternError(code, "No.");
      };
      await fill(0, 20);
      for (let at = 0; at < 50; at++) await assert.rejects(find(`more${at}`), limited);
      assert.equal(questions.length, 1);
      assert.deepEqual(full, ["domains minute"]);
      now += MINUTE;
      await fill(20, 20);
      await assert.rejects(find("more"), limited);
      assert.equal(questions.length, 2);
      assert.deepEqual(full, ["domains minute", "domains minute"]);
    });
  }

  it("does not ask again for the day, whatever room there is in a minute", async () => {
    person = async () => {
      throw new PosternError("denied", "No.");
    };
    for (let first = 0; first < 300; first += 20, now += MINUTE) await fill(first, 20);
    for (let at = 0; at < 5; at++, now += MINUTE) {
      await assert.rejects(find(`more${at}`), limited);
      await find(`site${at}`);
    }
    assert.deepEqual(
      questions.map(({ span }) => span),
      ["day"],
    );
  });

  it("asks again for the day once a person has unlocked the gate", async () => {
    person = async () => {
      throw new PosternError("timeout", "Nobody.");
    };
    for (let first = 0; first < 300; first += 20, now += MINUTE) await fill(first, 20);
    await assert.rejects(find("more"), limited);
    person = async () => "once";
    await assert.rejects(find("more"), limited);
    limits.askAgain();
    await find("more");
    assert.equal(questions.length, 2);
  });

  it("refuses what comes while the question stands, without another one", async () => {
    const answer = Promise.withResolvers<string>();
    person = () => answer.promise;
    await fill(0, 20);
    const asked = find("asked");
    await assert.rejects(find("more"), limited);
    answer.resolve("once");
    await asked;
    await find("more");
    assert.equal(questions.length, 1);
  });

  it("asks again once somebody is there", async () => {
    await fill(0, 20);
    await assert.rejects(find("more"), limited);
    person = async () => "once";
    await find("more");
  });

  it("ends with the reason of a lock or of a cancellation", async () => {
    await fill(0, 20);
    for (const code of ["locked", "cancelled"] as const) {
      person = async () => {
        throw new PosternError(code, "Ended.");
      };
      await assert.rejects(find("more"), { code });
    }
  });

  it("asks nobody where nobody is asked for anything", async () => {
    policy = policyOf("test", {}, true, () => false);
    person = async () => "once";
    await fill(0, 20);
    await assert.rejects(find("more"), limited);
    assert.deepEqual(questions, []);
  });
});
