import assert from "node:assert/strict";
import { eventually } from "#test/harness/eventually.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { killSession } from "#test/harness/session-process.ts";

describe("a part that was killed", function () {
  this.timeout(200_000);
  let postern: TestPostern;
  before(async () => {
    postern = await testPostern();
  });
  after(() => postern[Symbol.asyncDispose]());
  beforeEach(async () => {
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
  });

  it("session process: down ends what it left, and says so", async () => {
    const names = await containers();
    assert.equal(names.length, 2);
    await killSession(postern);
    await eventually("its end", async () => (await postern.run("status")).exitCode === 1);
    assert.deepEqual(await containers(), names);
    assert.deepEqual(await postern.run("down"), { exitCode: 0, stdout: "Postern is down.\n", stderr: "" });
    assert.deepEqual(await containers(), []);
    assert.equal((await postern.run("down")).stdout, "Postern was not running.\n");
  });

  it("vault: its browsers end, status says so, and the next up works", async () => {
    const { id } = await postern.container("vault");
    await postern.engine.getContainer(id).kill();
    await eventually("the end of the browser", async () => (await containers()).length === 0, 60_000);
    const { exitCode, stdout } = await postern.run("status");
    assert.deepEqual([exitCode, stdout], [1, "Postern is not running. Start it with: postern up\n"]);
    const next = await postern.run("up", postern.gate, "--headless");
    assert.equal(next.exitCode, 0, next.stderr);
    assert.notEqual((await postern.container("vault")).id, id);
  });

  it("browser: the vault goes on, and the next up starts another", async () => {
    const vault = await postern.container("vault");
    const { id } = await postern.container("firefox");
    await postern.engine.getContainer(id).kill();
    await eventually("the end of the browser", async () => (await containers()).length === 1, 60_000);
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
    assert.notEqual((await postern.container("firefox")).id, id);
    assert.equal((await postern.container("vault")).id, vault.id);
  });

  async function containers(): Promise<string[]> {
    const all = await postern.engine.listContainers({ all: true });
    return all.flatMap(({ Names }) => Names.filter((name) => name.endsWith(postern.session))).toSorted();
  }
});
