import { readFile, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { packageFolders } from "./inputs.ts";

/**
 * The licences of every package that went into a bundle, as most of them ask for, in one text.
 * @param inputs the bundled files, relative to the root
 */
export async function writeLicenses(root: string, path: string, inputs: readonly string[]): Promise<void> {
  const texts = await Promise.all(packageFolders(inputs).map((folder) => licenseOf(join(root, folder))));
  await writeFile(path, texts.join(`\n${"-".repeat(80)}\n\n`));
}

async function licenseOf(folder: string): Promise<string> {
  const { name, version, license }: Package = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).toSorted().find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : `\n${(await readFile(join(folder, file), "utf8")).trim()}\n`;
  return `${name} ${version} (${license ?? "see its text"})\n${text}`;
}

interface Package {
  name: string;
  version: string;
  license?: string;
}
