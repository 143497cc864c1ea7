import { join } from "node:path";
import { connectEngine } from "#container/engine.ts";
import { ensureImage } from "#container/images.ts";

// A process of its own (tools/test.ts): makes both images, so that tests that start side by side find them.
const files = join(import.meta.dirname, "../../dist");
const engine = await connectEngine(process.env);
for (const kind of ["vault", "firefox"] as const) {
  const signal = AbortSignal.timeout(15 * 60_000);
  await ensureImage({ engine, kind, files, onProgress: () => undefined, signal });
}
