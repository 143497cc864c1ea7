import assert from "node:assert/strict";
import { assertExplained } from "#test/harness/failure.ts";
import { testPostern } from "#test/harness/postern.ts";

describe("end to end: the age of the browser's image", function () {
  this.timeout(600_000);

  it("is none after one command, and base and image of before are gone", async () => {
    await using postern = await testPostern();
    const { owner } = postern.engine;
    const names = [`postern/base:uid-${owner}-bookworm`, `postern/firefox:uid-${owner}`, `postern/vault:uid-${owner}`];
    const ids = async (): Promise<string[]> =>
      await Promise.all(names.map(async (name) => (await postern.engine.getImage(name).inspect()).Id));
    const before = await ids();
    const startedAt = Date.now();
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless", "--rebuild");
    assert.equal(exitCode, 0, stderr);
    const status: { containers: { packages?: string }[] } = JSON.parse((await postern.run("status", "--json")).stdout);
    const packages = status.containers.flatMap((container) => container.packages ?? []).join();
    // The engine counts in whole seconds.
    assert.ok(Date.parse(packages) >= startedAt - 1000, packages);
    const after = await ids();
    for (const id of before) {
      assert.equal(after.includes(id), false);
      await assert.rejects(postern.engine.getImage(id).inspect(), { statusCode: 404 });
    }
    const again = await postern.run("up", postern.gate, "--headless", "--rebuild");
    assertExplained(again, /keeps the image/, /postern down/);
  });
});
