import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { testImage } from "#test/container/running.ts";
import { buildRemains, clearBuildRemains } from "#test/harness/build-remains.ts";
import { eventually } from "#test/harness/eventually.ts";
import { imageName } from "#container/images.ts";
import { nothingLeft } from "#test/harness/failure.ts";
import { type PassStore, makePassStore } from "#test/harness/pass-store.ts";
import { type TestPostern, testPostern } from "#test/harness/postern.ts";
import { killSession } from "#test/harness/session-process.ts";

const DIST = join(import.meta.dirname, "../../dist");
const DOCKERFILE = "container/vault/Dockerfile";
const TEST_LABEL = "io.github.postern.test";
const LABELS = "ARG OWNER\nLABEL io.github.postern.image=vault io.github.postern.uid=${OWNER}";

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
    // The image without the label: other tests would all make it again.
    await testImage(postern.engine, "vault");
    await postern[Symbol.asyncDispose]();
    await store[Symbol.asyncDispose]();
  });

  it("is told, and the next up builds and leaves nothing of the first", async () => {
    assert.deepEqual(await buildRemains(postern.engine, "vault"), []);
    const bundles = join(postern.home, "dist");
    await cp(DIST, bundles, { recursive: true });
    const dockerfile = `ARG BASE\nFROM \${BASE}\n${LABELS}\nRUN sleep 300\n`;
    await writeFile(join(bundles, DOCKERFILE), dockerfile);
    // What is built from lies there, and is left by one that is killed.
    const env = { ...postern.environment, TMPDIR: postern.home };
    const program = join(bundles, "postern.cjs");
    const child = spawn(process.execPath, [program, "up", "--store", store.store], {
      env,
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

    // The real one, with a label that no image has yet: so there is something to build, most of it from the cache.
    const real = await readFile(join(DIST, DOCKERFILE), "utf8");
    await writeFile(join(bundles, DOCKERFILE), `${real}\nLABEL ${TEST_LABEL}=${postern.gate}\n`);
    const up = [program, "up", postern.gate, "--headless"];
    const next = await execa(process.execPath, up, { env, extendEnv: false, stdin: "ignore", reject: false });
    assert.equal(next.exitCode, 0, next.stderr);
    const { Config } = await postern.engine.getImage(imageName(postern.engine.owner, "vault")).inspect();
    assert.equal(Config.Labels[TEST_LABEL], postern.gate);
    await postern.run("down");
    await nothingLeft(postern);
    await eventually(
      "nothing of the build",
      async () => (await buildRemains(postern.engine, "vault")).length === 0,
      30_000,
    );
  });
});
