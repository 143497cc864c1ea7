import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";

describe("end to end: the demo store, as npm start without a display uses it", function () {
  this.timeout(600_000);
  let postern: TestPostern;
  let first: Run;
  before(async () => {
    postern = await testPostern();
    first = await postern.run("up", postern.gate);
  });
  after(() => postern[Symbol.asyncDispose]());

  it("says that it uses a demo store and asks nobody, tells each step's time, and exits with 0", () => {
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(first.stderr, /^postern: There is no password store at .*; using a demo store/m);
    for (const step of ["demo store", "engine", "vault image", "browser image", "vault", "browser", "fill"]) {
      assert.match(first.stdout, new RegExp(`^${step} +\\d+\\.\\d s$`, "m"));
    }
    assert.match(first.stdout, /^Filled username and password in the page/m);
    assert.match(first.stdout, /its gate asks nobody/);
    assert.match(first.stdout, /^Screenshot: \/.*\.png$/m);
  });

  it("has filled the page's own fields with the demo entry", async () => {
    const demo = join(postern.home, ".local/share/postern/demo");
    const environment = {
      ...postern.environment,
      GNUPGHOME: join(demo, "gnupg"),
      PASSWORD_STORE_DIR: join(demo, "store"),
    };
    const { stdout } = await promisify(execFile)("pass", ["show", "localhost/demo@example.org"], { env: environment });
    const [password] = stdout.split("\n");
    await using browser = await postern.browser();
    await browser.setContext("content");
    const values = await browser.run(
      "return [...document.querySelectorAll('input')].map((input) => [input.name, input.value]);",
    );
    assert.deepEqual(values, [
      ["username", "demo@example.org"],
      ["password", password],
    ]);
  });

  it("runs again on what is there, with one JSON object and nothing else on standard output", async () => {
    const again = await postern.run("up", postern.gate, "--json");
    assert.equal(again.exitCode, 0, again.stderr);
    const result: Record<string, unknown> = JSON.parse(again.stdout);
    assert.deepEqual(Object.keys(result), ["engine", "route", "gate", "filled", "screenshot", "steps"]);
    assert.deepEqual(result.filled, ["username", "password"]);
    assert.equal(result.gate, postern.gate);
  });

  it("has logged that nobody was asked", async () => {
    const gets = (await postern.log()).filter((line) => line.type === "get");
    assert.equal(gets.length, 2);
    for (const line of gets) assert.equal(line.reason, "unattended");
  });

  it("did not touch a store or key home of the user", async () => {
    const names = await readdir(postern.home);
    assert.equal(names.includes(".password-store"), false);
    assert.equal(names.includes(".gnupg"), false);
  });
});
