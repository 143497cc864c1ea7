import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestPostern } from "./postern.ts";

/** Writes the command's config.toml. */
export async function configure({ home }: TestPostern, text: string): Promise<string> {
  const directory = join(home, ".config/postern");
  await mkdir(directory, { recursive: true });
  const path = join(directory, "config.toml");
  await writeFile(path, text);
  return path;
}
