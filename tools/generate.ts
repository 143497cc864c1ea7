import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { GENERATED } from "./generate/schemas.ts";

// The JSON Schemas are the only source of the messages. This makes TypeScript types of them, and validators as plain
// code, so that nothing compiles schemas at run time. What fits its sources already is left alone.
const root = dirname(import.meta.dirname);
const makers = ["tools/generate/schemas.ts", "tools/generate/schema-code.ts", "package-lock.json"];

for (const generated of GENERATED) {
  const digest = await digestOf([generated.schema, ...makers]);
  const header = `// @ts-nocheck\n// Made from ${generated.schema} by tools/generate.ts (${digest}).\n`;
  const path = join(root, generated.module);
  const before = await readFile(path, "utf8").catch(() => "");
  if (before.startsWith(header)) continue;
  // Slow to load, and mostly not needed.
  const { schemaCode } = await import("./generate/schema-code.ts");
  await replaceFile(path, header + (await schemaCode(root, generated)));
}

async function digestOf(sources: string[]): Promise<string> {
  const digest = createHash("sha256");
  for (const source of sources) digest.update(await readFile(join(root, source)));
  return digest.digest("hex").slice(0, 16);
}

/** Never half written: others may be reading it. */
async function replaceFile(path: string, text: string): Promise<void> {
  const fresh = `${path}.${process.pid}`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(fresh, text);
  await rename(fresh, path);
}
