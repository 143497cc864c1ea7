import assert from "node:assert/strict";
import { CLONE3, CLOSED_CALLS, UNSHARE, callError } from "#test/container/kernel-calls.ts";
import { type Running, runBrowser } from "#test/container/running.ts";

const [EPERM, ENOSYS] = [1, 38];

describe("attack 39: a system call that no browser needs", () => {
  let browser: Running;
  before(async function () {
    this.timeout(300_000);
    browser = await runBrowser({ isIdle: true });
  });
  after(() => browser[Symbol.asyncDispose]());

  for (const [name, call] of Object.entries(CLOSED_CALLS)) {
    it(`may not call ${name}`, async () => assert.equal(await callError(browser, call, 0, 0, 0, 0, 0), EPERM));
  }

  it("may make a user namespace, none with a mount table", async () => {
    assert.equal(await callError(browser, UNSHARE, 0x1000_0000), 0);
    assert.equal(await callError(browser, UNSHARE, 0x1002_0000), EPERM);
    assert.equal(await callError(browser, CLONE3, 0, 0), ENOSYS);
  });
});
