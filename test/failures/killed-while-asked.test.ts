import assert from "node:assert/strict";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { configure } from "#test/harness/configure.ts";
import { eventually } from "#test/harness/eventually.ts";
import { assertExplained, nothingLeft } from "#test/harness/failure.ts";
import { fakeProgram } from "#test/harness/fake-program.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type Run, type TestPostern, testPostern } from "#test/harness/postern.ts";

describe("while a fill waits for consent", function () {
  this.timeout(200_000);
  let store: PassStore;
  let postern: TestPostern;
  before(async () => {
    store = await makePassStore({ "localhost:8000/alice": "pw-alice\nlogin: alice@example.org\n" });
    postern = await testPostern({ GNUPGHOME: store.gnupg });
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  async function answer(script: string): Promise<void> {
    await configure(postern, `[consent]\ncommand = ["${await fakeProgram(store.home, "consent", script)}"]\n`);
  }
  const up = (): Promise<Run> => postern.run("up", postern.gate, "--headless", "--store", store.store);

  /** An `up` whose question is open. */
  async function upToTheQuestion(): Promise<Promise<Run>[]> {
    const asked = join(store.home, "asked");
    await rm(asked, { force: true });
    await answer(`echo asked > ${asked}; exec sleep 600`);
    const run = up();
    await eventually("the question", () => readFile(asked, "utf8").catch(() => undefined), 60_000);
    return [run];
  }

  it("the broker is killed: up says that the vault ended, and leaves nothing", async () => {
    const [run] = await upToTheQuestion();
    await postern.engine.getContainer((await postern.container("vault")).id).kill();
    assert.ok(run !== undefined);
    assertExplained(await run, /The vault ended\./, /postern up/);
    await nothingLeft(postern);
  });

  it("the browser is killed: up says that it ended, and leaves nothing", async () => {
    const [run] = await upToTheQuestion();
    await postern.engine.getContainer((await postern.container("firefox")).id).kill();
    assert.ok(run !== undefined);
    assertExplained(await run, /The browser ended\./, /postern up/);
    await nothingLeft(postern);
  });

  it("down is given: it does not wait, up says that Postern was ended, and nothing is left", async () => {
    const [run] = await upToTheQuestion();
    assert.deepEqual(await postern.run("down"), { exitCode: 0, stdout: "Postern is down.\n", stderr: "" });
    assert.ok(run !== undefined);
    assertExplained(await run, /Postern was ended\./, /postern up/);
    await nothingLeft(postern);
  });

  it("the next up works", async () => {
    await answer(`sleep 1; echo '{"answer":"once"}'`);
    const { exitCode, stderr } = await up();
    assert.equal(exitCode, 0, stderr);
  });
});
