import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { imageName } from "#container/images.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

describe("two first postern up of one gate at once, on the demo store", function () {
  this.timeout(200_000);
  let postern: TestPostern;
  before(async () => {
    postern = await testPostern();
  });
  after(() => postern[Symbol.asyncDispose]());

  it("both fill, in one browser with one vault, from one demo store that is whole", async () => {
    const up = () => postern.run("up", postern.gate, "--headless");
    const runs = await Promise.all([up(), up()]);
    for (const { exitCode, stdout, stderr } of runs) {
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /^Filled username and password in the page/m);
    }
    const containers = await postern.engine.listContainers({ all: true });
    const ours = containers.flatMap(({ Names }) => Names.filter((name) => name.endsWith(postern.session)));
    assert.equal(ours.length, 2);
    for (const kind of ["vault", "firefox"] as const) {
      const { Id } = await postern.engine.getImage(imageName(postern.engine.owner, kind)).inspect();
      assert.equal((await postern.container(kind)).image, Id, "started by the id that was checked, not by the tag");
    }
    assert.deepEqual(await readdir(join(postern.home, ".local/share/postern")), ["demo"]);
    assert.equal((await postern.run("down")).exitCode, 0);
  });

  it("and the demo store still works", async () => {
    const { exitCode, stderr } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, stderr);
  });
});
