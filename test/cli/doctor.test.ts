import assert from "node:assert/strict";
import { join } from "node:path";
import { configure } from "#test/harness/configure.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";

describe("postern doctor", function () {
  this.timeout(60_000);
  let mine: PassStore;
  let postern: TestPostern;
  before(async () => {
    mine = await makePassStore({ "example.com/alice": "pw-alice\n" });
    postern = await testPostern({ GNUPGHOME: mine.gnupg, PASSWORD_STORE_DIR: mine.store });
    await configure(postern, `[consent]\ncommand = ["/usr/local/bin/ask-me"]\n`);
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await mine[Symbol.asyncDispose]();
  });

  it("says of each thing what it found, and exits with 0, when all is well", async () => {
    const { exitCode, stdout, stderr } = await postern.run("doctor");
    assert.equal(exitCode, 0, stdout + stderr);
    assert.equal(stderr, "");
    assert.match(stdout, /^fine {3}engine {4}answers, version \d/m);
    assert.match(stdout, /^fine {3}pass {6}v\d/m);
    assert.match(stdout, new RegExp(`^fine {3}store {5}${mine.store}$`, "m"));
    assert.match(stdout, /^fine {3}key {7}Test <test@postern\.invalid> \([0-9A-F]{40}\)$/m);
    assert.match(stdout, /^fine {3}consent {3}\/usr\/local\/bin\/ask-me$/m);
    assert.doesNotMatch(stdout, /^wrong/m);
  });

  it("names everything that is wrong at once, each with what mends it, and exits with 1", async () => {
    const { environment } = postern;
    const broken = { DOCKER_HOST: "unix:///nowhere/docker.sock", GNUPGHOME: join(postern.home, "no-keys") };
    const before = { ...environment };
    Object.assign(environment, broken);
    await configure(postern, "[gates.work]\ncolour = 1\n");
    try {
      const { exitCode, stdout } = await postern.run("doctor", "--json");
      assert.equal(exitCode, 1);
      const { ok, checks }: { ok: boolean; checks: { name: string; ok: boolean; hint?: string }[] } =
        JSON.parse(stdout);
      assert.equal(ok, false);
      const wrong = checks.filter((check) => !check.ok);
      assert.deepEqual(
        wrong.map(({ name }) => name),
        ["engine", "store", "key", "config", "consent"],
      );
      assert.ok(wrong.every(({ hint = "" }) => hint.length > 0));
    } finally {
      delete environment.DOCKER_HOST;
      Object.assign(environment, before);
    }
  });

  it("says that a store is not there, and that nobody can be asked", async () => {
    await configure(postern, "");
    const { exitCode, stdout } = await postern.run("doctor", "--store", "/nowhere");
    assert.equal(exitCode, 1);
    assert.match(stdout, /^wrong {2}store {5}There is no store at \/nowhere\.\n +Make one with pass init/m);
    assert.match(stdout, /^wrong {2}consent {3}There is nobody to ask/m);
  });
});
