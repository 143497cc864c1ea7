/** What an installation wrote, so that nothing else is ever removed. */
export interface Receipt {
  /** Digests by absolute path: while a file is renewed, of the older one and of the newer. */
  files: Map<string, string[]>;
  /** Directories that were not there before; absolute. */
  directories: Set<string>;
}

/** @returns undefined for what is no receipt */
export function parseReceipt(text: string): Receipt | undefined {
  const value = parse(text);
  if (typeof value !== "object" || value === null || !("files" in value) || !("directories" in value)) return undefined;
  const { files, directories } = value;
  if (!Array.isArray(files) || !isStrings(directories)) return undefined;
  const rows = files.map((row: unknown) => (isStrings(row) ? row : []));
  const known = rows.map(([path = "", ...digests]) => [path, digests] as const);
  return { files: new Map(known), directories: new Set(directories) };
}

/** The same receipt gives the same text. */
export function receiptText({ files, directories }: Receipt): string {
  const paths = [...files.keys()].toSorted();
  const rows = paths.map((path) => [path, ...(files.get(path) ?? [])]);
  return `${JSON.stringify({ files: rows, directories: [...directories].toSorted() }, undefined, 2)}\n`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
