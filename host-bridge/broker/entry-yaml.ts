import { FAILSAFE_SCHEMA, load } from "js-yaml";
import type { Field } from "./entry-text.ts";

/**
 * The top level of a YAML mapping. Every scalar is the text that it was written as (`0123` and `no` are passwords,
 * not a number and a truth); what is nested is of something else.
 * @returns undefined for what is no mapping, or malformed
 */
export function parseYamlFields(text: string): Field[] | undefined {
  const mapping = tryLoad(text);
  if (typeof mapping !== "object" || mapping === null || Array.isArray(mapping)) return undefined;
  const scalars = Object.entries(mapping).filter((pair): pair is [string, string] => typeof pair[1] === "string");
  // Looked for from where they begin: elsewhere, line ends that are not at the end take the square of the time.
  return scalars.map(([key, value]) => ({ key: key.trim().toLowerCase(), value: value.replace(/(?<!\n)\n+$/, "") }));
}

function tryLoad(text: string): unknown {
  try {
    return load(text, { schema: FAILSAFE_SCHEMA });
  } catch {
    return undefined;
  }
}
