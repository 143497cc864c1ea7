import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { VERSION } from "#protocol/names.ts";
import { packageFolders } from "./inputs.ts";

/** A file that is run or installed. */
export interface Product {
  /** Below the build's target. */
  file: string;
  /** What it was made from, relative to the root. */
  inputs: readonly string[];
}

interface Component {
  type: "application" | "library" | "platform";
  "bom-ref": string;
  name: string;
  version: string;
  hashes: { alg: string; content: string }[];
  purl?: string;
  licenses?: { expression: string }[];
}

/** By their folders, as package-lock.json has them. */
type Locked = Record<string, { version: string; integrity: string; license: string }>;

/** What the programs run under, a package for each architecture. */
const NODE = /^node_modules\/node-linux-\w+$/;

/**
 * The software bill of materials (CycloneDX 1.6): each product with its digest and the packages in it, each package as
 * it is locked. What a package carries in its own files stands there under its name. No serial number and no time: the
 * same sources give the same bytes.
 */
export async function writeSbom(root: string, target: string, products: readonly Product[]): Promise<void> {
  const lock: { packages: Locked } = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8"));
  const node = Object.keys(lock.packages).filter((folder) => NODE.test(folder));
  const applications: Component[] = [];
  const packages = new Map<string, Component>();
  const dependencies: { ref: string; dependsOn: string[] }[] = [];
  for (const { file, inputs } of products) {
    const folders = [...packageFolders(inputs), ...(file.endsWith(".cjs") ? node : [])];
    const used = folders.map((folder) => packageOf(folder, lock.packages));
    for (const component of used) packages.set(component["bom-ref"], component);
    applications.push(await applicationOf(target, file));
    dependencies.push({ ref: file, dependsOn: [...new Set(used.map((component) => component["bom-ref"]))].toSorted() });
  }
  const sbom = {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { type: "application", "bom-ref": "postern", name: "postern", version: VERSION } },
    components: [...applications, ...[...packages.keys()].toSorted().map((ref) => packages.get(ref))],
    dependencies: [{ ref: "postern", dependsOn: products.map(({ file }) => file) }, ...dependencies],
  };
  await writeFile(join(target, "sbom.cdx.json"), `${JSON.stringify(sbom, undefined, 2)}\n`);
}

async function applicationOf(target: string, file: string): Promise<Component> {
  const content = createHash("sha256")
    .update(await readFile(join(target, file)))
    .digest("hex");
  return { type: "application", "bom-ref": file, name: file, version: VERSION, hashes: [{ alg: "SHA-256", content }] };
}

/** @throws Error for a package that is not locked */
function packageOf(folder: string, locked: Locked): Component {
  const found = locked[folder];
  if (found === undefined) throw new Error(`${folder} is not in package-lock.json.`);
  const { version, license, integrity } = found;
  const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
  const purl = `pkg:npm/${name.replace("@", "%40")}@${version}`;
  const content = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
  return {
    type: NODE.test(folder) ? "platform" : "library",
    "bom-ref": purl,
    name,
    version,
    purl,
    licenses: [{ expression: license }],
    hashes: [{ alg: "SHA-512", content }],
  };
}
