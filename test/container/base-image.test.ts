import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { bootstrapImage } from "#container/bootstrap.ts";
import { type Engine, connectEngine } from "#container/engine.ts";

describe("the base image", () => {
  let engine: Engine;
  before(async () => {
    engine = await connectEngine(process.env);
  });

  async function unnamed(): Promise<string[]> {
    const images = await engine.listImages({ filters: { dangling: ["true"] } });
    const bare = images.filter(({ Labels }) => Labels?.["io.github.postern.image"] === undefined);
    const folders = (await readdir(tmpdir())).filter((name) => name.startsWith("mmdebstrap."));
    return [...bare.map(({ Id }) => Id), ...folders];
  }

  it("that is given up half-way leaves no image and no folder", async () => {
    const before = await unnamed();
    const stop = new AbortController();
    const onProgress = (line: string): void => {
      if (line.includes("running apt-get update")) stop.abort(new Error("given up"));
    };
    await assert.rejects(bootstrapImage(engine, "bookworm", onProgress, stop.signal));
    assert.ok(stop.signal.aborted);
    assert.deepEqual(await unnamed(), before);
  });

  it("that can not be made leaves no image and no folder", async () => {
    const before = await unnamed();
    await assert.rejects(bootstrapImage(engine, "no-such-suite", () => {}, AbortSignal.timeout(45_000)));
    assert.deepEqual(await unnamed(), before);
  });
});
