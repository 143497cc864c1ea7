const LONGEST_TEXT = 300;

/** A text from inside a container as one short line without control or formatting characters: safe to print. */
export function inert(text: unknown): string {
  return typeof text === "string" ? text.replaceAll(/[\p{C}\p{Z}]+/gu, " ").slice(0, LONGEST_TEXT) : "";
}
