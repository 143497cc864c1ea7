/**
 * Names come from a store that others may write to, and much else from the vault: a terminal must obey neither. Nor may
 * they change the direction of what stands beside them.
 */
const OBEYED = /[\p{C}\p{Zl}\p{Zp}]/gu;

/** A text for people, on one line. */
export function printable(text: string): string {
  return text.replaceAll(OBEYED, "\u{FFFD}");
}

/** The same of several lines. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

/** A value as one line of JSON. JSON itself escapes no more than the first 32 characters. */
export function jsonLine(value: unknown): string {
  const escaped = JSON.stringify(value).replaceAll(OBEYED, (character) =>
    character
      .split("")
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
  return `${escaped}\n`;
}

/** Rows under their headings, each column as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(printable));
  const widths = shown[0]?.map((_, column) => Math.max(...shown.map((row) => row[column]?.length ?? 0))) ?? [];
  return shown
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}
