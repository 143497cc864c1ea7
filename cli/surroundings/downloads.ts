import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The user's directory of downloads, as the desktop has it (xdg-user-dirs, user-dirs.dirs(5)). */
export async function findDownloads({ XDG_CONFIG_HOME = "" }: NodeJS.ProcessEnv, home: string): Promise<string> {
  const config = XDG_CONFIG_HOME.startsWith("/") ? XDG_CONFIG_HOME : join(home, ".config");
  const text = await readFile(join(config, "user-dirs.dirs"), "utf8").catch(() => "");
  const [, said = ""] = /^\s*XDG_DOWNLOAD_DIR="((?:\$HOME)?\/[^"\n]*)"/m.exec(text) ?? [];
  const path = said.replace(/^\$HOME/, home).replace(/\/+$/, "");
  // The home directory itself stands for: none of its own.
  return path === "" || path === home ? join(home, "Downloads") : path;
}
