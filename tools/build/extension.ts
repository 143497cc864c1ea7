import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { manifestFor } from "#extension/manifest.ts";
import { VERSION } from "#protocol/names.ts";
import { inputsOf } from "./inputs.ts";
import { zipFolder } from "./zip-folder.ts";

/** The oldest browsers that the bundles are made for. */
const BROWSERS = { firefox: "firefox128", chromium: "chrome120" } as const;
const ENTRIES = ["background.ts", "content.ts", "popup/popup.ts"];
const STATIC = ["popup/popup.html", "popup/popup.css", "icons", "_locales"];

/**
 * The extension for each browser, as folders, and for Firefox as the archive that a browser installs.
 * @returns the files it was made from, relative to the root
 */
export async function buildExtension(root: string, target: string): Promise<string[]> {
  const inputs = new Set<string>();
  for (const browser of ["firefox", "chromium"] as const) {
    const folder = join(target, browser);
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: ENTRIES.map((entry) => `extension/${entry}`),
      outbase: "extension",
      outdir: folder,
      bundle: true,
      platform: "browser",
      format: "iife",
      target: BROWSERS[browser],
      legalComments: "eof",
      charset: "utf8",
      metafile: true,
      logLevel: "silent",
    });
    for (const input of await inputsOf(root, metafile)) inputs.add(input);
    for (const name of STATIC) await cp(join(root, "extension", name), join(folder, name), { recursive: true });
    const manifest = JSON.stringify(manifestFor(browser, VERSION), undefined, 2);
    await writeFile(join(folder, "manifest.json"), `${manifest}\n`);
  }
  await writeFile(join(target, "postern-firefox.xpi"), await zipFolder(join(target, "firefox")));
  return [...inputs];
}
