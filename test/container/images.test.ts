import assert from "node:assert/strict";
import { cp, readdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engine, connectEngine } from "#container/engine.ts";
import { ensureImage } from "#container/images.ts";
import { buildSteps, clearBuildRemains } from "#test/harness/build-remains.ts";
import { temporaryDirectory } from "#test/harness/temporary.ts";
import { DIST, testImage } from "./running.ts";

const BEGINNING = `ARG BASE
FROM \${BASE}
ARG OWNER
LABEL io.github.postern.image=vault io.github.postern.uid=\${OWNER}
`;

describe("an image", () => {
  let engine: Engine;
  before(async function () {
    this.timeout(300_000);
    engine = await connectEngine(process.env);
    await testImage(engine, "vault");
    await clearBuildRemains(engine, "vault");
  });

  /** What a build may leave: images and containers that bear the label of the Dockerfile, and temporary folders. */
  async function remains(): Promise<string[]> {
    const filters = { label: ["io.github.postern.image=vault"] };
    const images = await engine.listImages({ all: true, filters });
    const steps = await buildSteps(engine, "vault");
    const folders = (await readdir(tmpdir())).filter((name) => name.startsWith("postern-image-"));
    return [
      ...images.map(({ Id, RepoTags = [] }) => `${Id} ${RepoTags.join()}`),
      ...steps.map(({ Id }) => Id),
      ...folders,
    ].toSorted(alphabetically);
  }
  const options = (files: string) => ({
    engine,
    kind: "vault" as const,
    files,
    onProgress: () => {},
    signal: AbortSignal.timeout(120_000),
  });

  it("is not built again from the same files", async () => {
    const first = await testImage(engine, "vault");
    const second = await ensureImage({ ...options(DIST), onProgress: (line) => assert.fail(line) });
    assert.deepEqual(second, { ...first, built: false });
    assert.equal(second.reference, `postern/vault:uid-${engine.owner}`);
    assert.ok(second.packages.getTime() <= Date.now());
  });

  it("whose build fails leaves nothing behind, and the old one in its place", async () => {
    await using files = await temporaryDirectory();
    await cp(DIST, files.path, { recursive: true });
    const before = await remains();
    const dockerfile = join(files.path, "container/vault/Dockerfile");
    await writeFile(dockerfile, `${BEGINNING}RUN true\nRUN exit 7\n`);
    await assert.rejects(ensureImage(options(files.path)), {
      code: "internal",
      message: "The vault's image could not be built, at Step 6/7 : RUN exit 7.",
      hint: /network works/,
    });
    assert.deepEqual(await remains(), before);
  });

  it("whose build is given up leaves nothing behind", async () => {
    await using files = await temporaryDirectory();
    await cp(DIST, files.path, { recursive: true });
    const before = await remains();
    const dockerfile = join(files.path, "container/vault/Dockerfile");
    await writeFile(dockerfile, `${BEGINNING}RUN sleep 60\n`);
    const stop = new AbortController();
    const reason = new Error("given up");
    const building = ensureImage({
      ...options(files.path),
      onProgress: (line) => {
        if (line.includes("Running in")) stop.abort(reason);
      },
      signal: stop.signal,
    });
    await assert.rejects(building, reason);
    assert.deepEqual(await remains(), before);
  });
});

function alphabetically(one: string, other: string): number {
  return one.localeCompare(other, "en");
}
