import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";

const GENERATED = "host-bridge/protocol/generated/";

/**
 * The files of which something went into a bundle, relative to the root; also those that the validators were made from
 * before, as the comments in them say.
 */
export async function inputsOf(root: string, { outputs }: Metafile): Promise<string[]> {
  const used = Object.values(outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const direct = used.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  const validators = direct.filter((path) => path.startsWith(GENERATED));
  const texts = await Promise.all(validators.map((path) => readFile(join(root, path), "utf8")));
  const within = texts.flatMap((text) =>
    Array.from(text.matchAll(/^\/\/ (node_modules\/.*)$/gm), ([, path = ""]) => path),
  );
  return [...direct, ...within];
}

/** The folders of the npm packages that files are from, in order. */
export function packageFolders(inputs: readonly string[]): string[] {
  const folders = inputs.flatMap((input) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input) ?? []);
  return [...new Set(folders)].toSorted();
}
