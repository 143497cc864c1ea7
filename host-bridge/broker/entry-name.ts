declare const brand: unique symbol;
/** Where an entry lies inside the store: parts joined by `/`, without `.gpg`. */
export type EntryName = string & { readonly [brand]: "EntryName" };

const MAX_BYTES = 1024;
/** Nobody keeps an entry deeper; what is done for each folder above one would add up. */
const MAX_PARTS = 32;
/** Control characters, line and paragraph separators, and what turns the direction of text around. */
const UNSHOWABLE = /[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

/**
 * The maker of `EntryName`. Undefined for whatever could mean something else than a place in the store (`..`,
 * absolute, empty and hidden parts), could not be shown as it is (control and bidirectional characters), or is longer
 * or deeper than anybody's.
 */
export function parseEntryName(text: string): EntryName | undefined {
  const parts = text.split("/");
  const isSound =
    text.isWellFormed() &&
    new TextEncoder().encode(text).length <= MAX_BYTES &&
    !UNSHOWABLE.test(text) &&
    parts.length <= MAX_PARTS &&
    parts.every((part) => part !== "" && !part.startsWith("."));
  // oxlint-disable-next-line typescript/consistent-type-assertions -- the one maker of the branded type
  return isSound ? (text as EntryName) : undefined;
}

/** Any text as one line that does nothing to a terminal or a log: what can not be shown stands as `\u{1b}`. */
export function inertText(text: string): string {
  const escape = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  return text.toWellFormed().replaceAll(new RegExp(UNSHOWABLE, "gu"), escape);
}
