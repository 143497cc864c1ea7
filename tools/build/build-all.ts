import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { buildExtension } from "./extension.ts";
import { writeLicenses } from "./licenses.ts";
import { buildProgram } from "./program.ts";
import { PROGRAMS } from "./programs.ts";
import { type Product, writeSbom } from "./sbom.ts";

/** What the images are built from besides the bundles, read at run time from beside them. */
const IMAGE_FOLDERS = ["container/firefox", "container/vault"];

/**
 * Everything that is run or packed, made from the sources: the same sources give the same bytes.
 * @param root the project's folder
 * @param target a folder that need not exist
 * @throws Error with esbuild's own messages
 */
export async function buildAll(root: string, target: string): Promise<void> {
  await mkdir(target, { recursive: true });
  const products: Product[] = [];
  for (const program of PROGRAMS) {
    products.push({ file: program.bundle, inputs: await buildProgram(root, target, program) });
  }
  products.push({
    file: "extension/postern-firefox.xpi",
    inputs: await buildExtension(root, join(target, "extension")),
  });
  for (const folder of IMAGE_FOLDERS) await cp(join(root, folder), join(target, folder), { recursive: true });
  const inputs = products.flatMap((product) => product.inputs);
  await writeLicenses(root, join(target, "LICENSES.txt"), inputs);
  await writeSbom(root, target, products);
}
