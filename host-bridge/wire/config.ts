import { readFile } from "node:fs/promises";
import { parse, TomlError } from "smol-toml";
import { PosternError } from "#protocol/error.ts";
import { type Configuration, isConfiguration } from "#protocol/generated/config.ts";
import { brokenRule } from "./config-rules.ts";

export type { Configuration };

/**
 * config.toml, checked. A file that does not exist is an empty one.
 * @throws PosternError `bad_message`, naming the line or the key
 */
export async function readConfiguration(path: string): Promise<Configuration> {
  const text = await readIfThere(path);
  const value = parseToml(path, text);
  const what = problemOf(value);
  if (what === "" && isConfiguration(value)) return value;
  throw invalid(path, `config.toml, line ${lineOf(text, what)}: ${what}.`);
}

/** What is wrong, with the key; empty for nothing. The file is the user's own, so its words may be shown to them. */
function problemOf(value: unknown): string {
  if (isConfiguration(value)) return brokenRule(value);
  const problem = isConfiguration.errors?.[0];
  const key = (problem?.instancePath ?? "").slice(1).replaceAll("/", ".");
  const unknown = problem?.params?.["additionalProperty"];
  if (typeof unknown === "string") return `there is no key ${[key, unknown].filter(Boolean).join(".")}`;
  return `${key} ${problem?.message ?? "is not of the expected form"}`;
}

/** The parser gives no places: it is the line with which the problem is there. */
function lineOf(text: string, problem: string): number {
  const lines = text.split("\n");
  const shows = (count: number): boolean => {
    try {
      return problemOf(parse(lines.slice(0, count).join("\n"))) === problem;
    } catch {
      // The line does not end its value.
      return false;
    }
  };
  return lines.findIndex((_, index) => shows(index + 1)) + 1;
}

async function readIfThere(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return "";
    throw new PosternError("internal", "config.toml can not be read.", "Look at its owner and mode.");
  }
}

function parseToml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // After its first line it draws the place.
    const [what = ""] = error.message.split("\n");
    throw invalid(path, `config.toml, line ${error.line}, column ${error.column}: ${what}.`);
  }
}

function invalid(path: string, message: string): PosternError {
  return new PosternError("bad_message", message, `Mend it with: editor ${path}`);
}
