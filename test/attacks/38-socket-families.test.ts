import assert from "node:assert/strict";
import { CLOSED_SOCKETS, socketError } from "#test/container/kernel-calls.ts";
import { type Running, runBrowser } from "#test/container/running.ts";

/** Our filter answers; 97 (EAFNOSUPPORT) would be the kernel. */
const EPERM = 1;

describe("attack 38: a socket of a family that no browser needs", () => {
  let browser: Running;
  before(async function () {
    this.timeout(300_000);
    browser = await runBrowser({ isIdle: true });
  });
  after(() => browser[Symbol.asyncDispose]());

  it("makes sockets of the families that a browser needs", async () => {
    for (const kind of [
      [1, 1, 0],
      [2, 1, 0],
      [10, 1, 0],
      [16, 3, 0],
    ])
      assert.equal(await socketError(browser, kind), 0, String(kind));
  });

  for (const [name, kind] of Object.entries(CLOSED_SOCKETS)) {
    it(`may not make a socket ${name}`, async () => assert.equal(await socketError(browser, kind), EPERM));
  }
});
