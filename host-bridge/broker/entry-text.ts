import { parseYamlFields } from "./entry-yaml.ts";

/** A line as key and value. */
export interface Field {
  /** Lower-case. */
  key: string;
  value: string;
}

export interface EntryText {
  /** The password, unless a key says otherwise. */
  first: string;
  /** What the first line says, if it is no password. */
  ofFirst: Field[];
  /** The other lines as they stand. */
  lines: string[];
  /** What the other lines say, in their order. */
  fields: Field[];
}

/** What old gopass wrote first, to say that a header of keys and values follows, then a body. */
const GOPASS_HEADER = "GOPASS-SECRET-1.0";
const YAML_START = "---";

/** Takes an entry's text apart: its first line, then keys and values as `pass` users write them or as gopass does. */
export function parseEntryText(text: string): EntryText {
  const [first = "", ...lines] = text.split(/\r?\n/);
  if (first.trim() === GOPASS_HEADER) return parseHeader(lines);
  if (first === YAML_START) return { first: "", ofFirst: [], ...parseLines([first, ...lines]) };
  return { first, ofFirst: fieldsOf([first]), ...parseLines(lines) };
}

/** The first value that is not empty under the first of the keys that has one. */
export function valueOf(fields: readonly Field[], keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const field = fields.find((each) => each.key === key && each.value !== "");
    if (field !== undefined) return field.value;
  }
  return undefined;
}

/** Keys and values, then perhaps YAML. Where that is malformed, its lines are keys and values like the others. */
function parseLines(all: string[]): Pick<EntryText, "lines" | "fields"> {
  const at = all.findIndex((line) => line.trimEnd() === YAML_START);
  if (at < 0) return { lines: all, fields: fieldsOf(all) };
  const before = all.slice(0, at);
  const after = all.slice(at + 1);
  // What is nested is of something else.
  const flat = after.filter((line) => !/^\s/.test(line));
  const fields = [...fieldsOf(before), ...(parseYamlFields(after.join("\n")) ?? fieldsOf(flat))];
  return { lines: [...before, YAML_START, ...flat], fields };
}

/** A header as of a mail, whose lines may go on in indented ones; of its body only YAML says anything. */
function parseHeader(all: string[]): EntryText {
  const blank = all.indexOf("");
  const header = blank < 0 ? all : all.slice(0, blank);
  const body = blank < 0 ? [] : all.slice(blank + 1);
  const fields = fieldsOf(
    header
      .join("\n")
      .replaceAll(/\n[ \t]+/g, " ")
      .split("\n"),
  );
  const isYaml = valueOf(fields, ["content-type"])?.toLowerCase().startsWith("text/yaml");
  const said = isYaml === true ? (parseYamlFields(body.join("\n")) ?? fieldsOf(body)) : [];
  return { first: "", ofFirst: [], lines: all, fields: [...fields, ...said] };
}

function fieldsOf(lines: readonly string[]): Field[] {
  return lines.flatMap((line) => parseField(line) ?? []);
}

/** The first `: `, else the first `:`, parts key and value; undefined when the line has none or no key before it. */
function parseField(line: string): Field | undefined {
  const spaced = line.indexOf(": ");
  const colon = spaced >= 0 ? spaced : line.indexOf(":");
  if (colon <= 0) return undefined;
  return { key: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() };
}
