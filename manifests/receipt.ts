/** What an installation wrote, so that nothing else is ever removed. */
export interface Receipt {
  /** Digests by absolute path. */
  files: Map<string, string>;
  /** Directories that were not there before; absolute. */
  directories: Set<string>;
}

/** @returns undefined for what is no receipt */
export function parseReceipt(text: string): Receipt | undefined {
  const value = parse(text);
  if (typeof value !== "object" || value === null || !("files" in value) || !("directories" in value)) return undefined;
  const { files, directories } = value;
  if (!Array.isArray(files) || !isStrings(directories)) return undefined;
  const pairs = files.map((file: unknown) => (isStrings(file) ? file : []));
  const known = new Map(pairs.flatMap(([path, digest]) => (path && digest ? [[path, digest] as const] : [])));
  return { files: known, directories: new Set(directories) };
}

/** The same receipt gives the same text. */
export function receiptText({ files, directories }: Receipt): string {
  const sorted = { files: [...files].toSorted(byPath), directories: [...directories].toSorted() };
  return `${JSON.stringify(sorted, undefined, 2)}\n`;
}

function byPath([one]: [string, string], [other]: [string, string]): number {
  return one < other ? -1 : 1;
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
