import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buildRemains, clearBuildRemains } from "#test/harness/build-remains.ts";
import { eventually } from "#test/harness/eventually.ts";
import { nothingLeft } from "#test/harness/failure.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { killSession } from "#test/harness/session-process.ts";

const DIST = join(import.meta.dirname, "../../dist");
const LABEL = "io.github.postern.image=vault";

describe("an image build whose session process is killed", function () {
  this.timeout(300_000);
  let store: PassStore;
  let postern: TestPostern;
  before(async () => {
    store = await makePassStore({});
    postern = await testPostern({ GNUPGHOME: store.gnupg });
    await clearBuildRemains(postern.engine, "vault");
  });
  after(async () => {
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it("is told, and the next up builds and leaves nothing of the first", async () => {
    assert.deepEqual(await buildRemains(postern.engine, "vault"), []);
    const bundles = join(postern.home, "dist");
    await cp(DIST, bundles, { recursive: true });
    const dockerfile = `ARG BASE\nFROM \${BASE}\nLABEL ${LABEL}\nRUN sleep 300\n`;
    await writeFile(join(bundles, "container/vault/Dockerfile"), dockerfile);
    const child = spawn(process.execPath, [join(bundles, "postern.cjs"), "up", "--store", store.store], {
      env: postern.environment,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    child.stderr.on("data", (piece: Buffer) => (stderr += piece.toString()));
    const ended = once(child, "close");
    await eventually("the build's step", async () => (await buildRemains(postern.engine, "vault")).length > 0, 100_000);
    await killSession(postern);
    await ended;
    assert.equal(child.exitCode, 2);
    assert.match(stderr, /^postern: error: .*\npostern: hint: .*postern up\n$/);

    const { exitCode, stderr: said } = await postern.run("up", postern.gate, "--headless");
    assert.equal(exitCode, 0, said);
    await postern.run("down");
    await nothingLeft(postern);
    await eventually(
      "nothing of the build",
      async () => (await buildRemains(postern.engine, "vault")).length === 0,
      30_000,
    );
  });
});
