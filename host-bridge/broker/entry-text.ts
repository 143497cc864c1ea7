/** A line as key and value. */
export interface Field {
  /** Lower-case. */
  key: string;
  value: string;
}

export interface EntryText {
  first: string;
  rest: string[];
}

/** What old gopass wrote first, to say that all of the entry is keys and values. */
const GOPASS_HEADER = "GOPASS-SECRET-1.0";

/** The first line, which may be the password, and the others. Nested YAML is left out: its keys are of something else. */
export function splitEntry(text: string): EntryText {
  const [first = "", ...rest] = text.split(/\r?\n/);
  if (first === GOPASS_HEADER) return { first: "", rest };
  const yamlStart = rest.indexOf("---");
  return { first, rest: rest.filter((line, at) => yamlStart < 0 || at < yamlStart || !/^\s/.test(line)) };
}

/** The first `: `, else the first `:`, parts key and value; undefined when the line has none or no key before it. */
export function parseField(line: string): Field | undefined {
  const spaced = line.indexOf(": ");
  const colon = spaced >= 0 ? spaced : line.indexOf(":");
  if (colon <= 0) return undefined;
  return { key: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() };
}

/** The first value that is not empty under the first of the keys that has one. */
export function valueOf(lines: readonly string[], keys: readonly string[]): string | undefined {
  const fields = lines.map(parseField);
  for (const key of keys) {
    const field = fields.find((each) => each?.key === key && each.value !== "");
    if (field !== undefined) return field.value;
  }
  return undefined;
}
