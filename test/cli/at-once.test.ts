import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { eventually } from "#test/harness/eventually.ts";
import { testPostern } from "#test/harness/postern.ts";
import { sessionProcesses } from "#test/harness/session-process.ts";

describe("two postern up at once", function () {
  this.timeout(120_000);

  it("that both fail say why, each with its own reason", async () => {
    await using postern = await testPostern();
    // A store without a .gpg-id.
    const store = join(postern.home, "store");
    await mkdir(store);
    const up = async (): Promise<string> => (await postern.run("up", postern.gate, "--store", store)).stderr;
    const [first, second] = await Promise.all([up(), up()]);
    assert.match(first, /^postern: error: .*\.gpg-id.*\npostern: hint: /m);
    assert.equal(second, first);
    // One that nobody came to looks around every half minute, so half a minute is the least that it may take.
    const none = async (): Promise<boolean> => (await sessionProcesses(postern)).length === 0;
    await eventually("no session process", none, 60_000);
  });
});
