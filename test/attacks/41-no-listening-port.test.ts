import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

describe("attack 41: a way in over the host's network", function () {
  this.timeout(300_000);
  let postern: TestPostern;
  before(async () => {
    postern = await testPostern();
  });
  after(() => postern[Symbol.asyncDispose]());

  for (const network of ["none", "internet"]) {
    it(`nothing listens on the host's TCP ports that did not before, with the network ${network}`, async () => {
      const before = await listening();
      const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless", "--network", network);
      assert.equal(exitCode, 0, stderr);
      assert.deepEqual(
        (await listening()).filter((socket) => !before.includes(socket)),
        [],
      );
      const { engine, session } = postern;
      const running = (await engine.listContainers()).filter(({ Names }) => Names.some((n) => n.endsWith(session)));
      // With the internet two more: one holds the browser's network, one its rules.
      assert.equal(running.length, network === "internet" ? 4 : 2);
      for (const { Id, Names } of running) {
        const { NetworkSettings, HostConfig } = await engine.getContainer(Id).inspect();
        assert.deepEqual([NetworkSettings.Ports, HostConfig.PortBindings ?? {}], [{}, {}], Names.join());
      }
      assert.equal((await postern.run("down")).exitCode, 0);
    });
  }
});

/** Local address and port of every TCP socket that listens in this process's network namespace. */
async function listening(): Promise<string[]> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
  );
  const rows = tables.flatMap((table) => table.split("\n").map((line) => line.trim().split(/\s+/)));
  const LISTEN = "0A";
  return rows.filter((row) => row[3] === LISTEN).map((row) => row[1] ?? "");
}
