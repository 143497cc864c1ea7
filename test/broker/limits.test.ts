import assert from "node:assert/strict";
import { createLimits } from "#broker/limits.ts";
import { policyOf } from "#broker/policy.ts";

const MINUTE = 60_000;
const LIMITS = policyOf("test", {}, false).limits;

describe("what one gate may ask for", () => {
  it("looks up 20 sites a minute, the same one as often as it likes", () => {
    let now = 0;
    const limits = createLimits(
      () => LIMITS,
      () => now,
    );
    for (let site = 0; site < 20; site++) for (let again = 0; again < 3; again++) limits.countFind(`${site}.example`);
    assert.throws(() => limits.countFind("21.example"), { code: "rate_limited" });
    limits.countFind("3.example");
    now = MINUTE;
    limits.countFind("21.example");
  });

  it("looks up 300 sites a day", () => {
    let now = 0;
    const limits = createLimits(
      () => LIMITS,
      () => now,
    );
    for (let site = 0; site < 300; site++, now += MINUTE / 10) limits.countFind(`${site}.example`);
    now += 2 * MINUTE;
    const hint = "Wait a day, then try again.";
    assert.throws(() => limits.countFind("301.example"), { code: "rate_limited", hint });
    now += 24 * 60 * MINUTE;
    limits.countFind("301.example");
  });

  it("looks up a site it was approved for without counting", () => {
    const limits = createLimits(
      () => LIMITS,
      () => 0,
    );
    limits.approve("mine.example");
    for (let site = 0; site < 20; site++) limits.countFind(`${site}.example`);
    limits.countFind("mine.example");
    assert.throws(() => limits.countFind("21.example"), { code: "rate_limited" });
  });

  it("asks for 10 logins a minute", () => {
    let now = 0;
    const limits = createLimits(
      () => LIMITS,
      () => now,
    );
    for (let round = 0; round < 10; round++) limits.countGet();
    assert.throws(() => limits.countGet(), { code: "rate_limited" });
    now = MINUTE;
    limits.countGet();
  });

  it("asks for 3 choices a minute", () => {
    let now = 0;
    const limits = createLimits(
      () => LIMITS,
      () => now,
    );
    for (let round = 0; round < 3; round++) limits.countPick();
    assert.throws(() => limits.countPick(), { code: "rate_limited" });
    now = MINUTE;
    limits.countPick();
  });

  it("may do what the policy says now", () => {
    let most = 1;
    const limits = createLimits(
      () => ({ ...LIMITS, domainsAMinute: most, getsAMinute: most }),
      () => 0,
    );
    limits.countFind("1.example");
    limits.countGet();
    assert.throws(() => limits.countFind("2.example"), { code: "rate_limited" });
    assert.throws(() => limits.countGet(), { code: "rate_limited" });
    most = 2;
    limits.countFind("2.example");
    limits.countGet();
  });
});
