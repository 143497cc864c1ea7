import { readFile } from "node:fs/promises";
import { parse, TomlError } from "smol-toml";
import { PosternError } from "#protocol/error.ts";
import { type Configuration, isConfiguration } from "#protocol/generated/config.ts";
import { parseWith } from "#protocol/messages.ts";

export type { Configuration };

/**
 * config.toml, checked. A file that does not exist is an empty one.
 * @throws PosternError `bad_message`, naming the line or the key
 */
export async function readConfiguration(path: string): Promise<Configuration> {
  const text = await readIfThere(path);
  return parseWith(isConfiguration, "config.toml", parseToml(text));
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new PosternError("internal", "config.toml can not be read.", "Look at its owner and mode.");
  }
}

function parseToml(text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new PosternError("bad_message", `config.toml, line ${error.line}, column ${error.column}: not TOML.`);
  }
}
