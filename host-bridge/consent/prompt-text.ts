import type {
  FillQuestion,
  LimitQuestion,
  Question,
  RecipientsQuestion,
  SaveQuestion,
} from "#protocol/generated/consent.ts";
import { inLetters } from "./in-letters.ts";

/** How much of one value is shown. An origin is never shortened: it is at most this long. */
const MAX_SHOWN = 275;
/** How much of what a page says in its own words, which then has no room for a second line. */
const MAX_QUOTED = 60;

/**
 * A question as the lines of a prompt. The origin stands first and complete, its registrable domain on a line of
 * its own. Values come from a browser or a store and are made inert.
 */
export function promptText(question: Question): string {
  const { gate, origin, registrableDomain } = question;
  const letters = inLetters(origin);
  return [
    inert(origin),
    `Site: ${inert(registrableDomain)}`,
    // After what it stands for: letters of another script may look like those of a name one knows.
    ...(letters === undefined ? [] : [`In letters: ${inert(letters)}`]),
    ...linesOf(question),
    `Browser: ${inert(gate)}`,
  ].join("\n");
}

/** What a person can say besides no; `minutes` of a yes that lasts, 0 where none can. */
export function choices(question: Question): { yes: string; minutes: number } {
  if (question.kind === "fill") return { yes: "Allow once", minutes: question.minutes };
  return { yes: question.kind === "limit" ? "Go on" : "Allow", minutes: 0 };
}

function linesOf(question: Question): string[] {
  switch (question.kind) {
    case "fill":
      return fillLines(question);
    case "limit":
      return limitLines(question);
    case "save":
      return saveLines(question);
    case "recipients":
      return recipientLines(question);
  }
}

function frameLine(topOrigin: string | undefined): string[] {
  return topOrigin === undefined ? [] : [`A frame in a page of ${inert(topOrigin)}`];
}

function fillLines({ topOrigin, entry, referredBy, site, elsewhere, realm, match, fields }: FillQuestion): string[] {
  return [
    ...frameLine(topOrigin),
    "",
    ...(realm === undefined ? [] : ["asks by HTTP authentication"]),
    `wants: ${fields.map((field) => inert(nameOf(field))).join(", ")}`,
    `of the entry: ${inert(entry)}`,
    ...(referredBy === undefined ? [] : [`to which this one refers: ${inert(referredBy)}`]),
    ...(match === "exact"
      ? []
      : [site === "" ? "which names no site" : `which belongs to another host: ${inert(site)}`]),
    ...(elsewhere === undefined ? [] : elsewhereLines(site, elsewhere)),
    ...(realm === undefined || realm === "" ? [] : [`The page says: ${quoted(realm)}`]),
  ];
}

function elsewhereLines(site: string, { by, sites }: NonNullable<FillQuestion["elsewhere"]>): string[] {
  const theirs = sites.map(inert).join(", ");
  return [
    ...(site === "" ? [] : [`whose name says it is for: ${inert(site)}`]),
    by === "filled" ? `but which was filled before for: ${theirs}` : `but which says inside that it is for: ${theirs}`,
    "Allow only if you have moved or named it so yourself.",
  ];
}

/** What is written is shown whole, or not asked about: a yes is to the very place. */
function saveLines({ topOrigin, entry, username, replaces }: SaveQuestion): string[] {
  return [
    ...frameLine(topOrigin),
    "",
    replaces === undefined ? "wants to save a new login" : "wants to replace a password",
    `${replaces === undefined ? "as" : "of"} the entry: ${inertWhole(entry)}`,
    `with the user name: ${username === undefined ? "(none)" : `“${inertQuoted(username)}”`}`,
    ...(replaces === undefined ? [] : [`last changed: ${ageText(replaces.days)}; the old one is kept`]),
  ];
}

function ageText(days: number): string {
  if (days === 0) return "within a day";
  return days === 1 ? "a day ago" : `${days} days ago`;
}

function recipientLines({ entry, added, removed }: RecipientsQuestion): string[] {
  const list = (keys: readonly string[]): string => (keys.length === 0 ? "none" : keys.map(inert).join(", "));
  return [
    "",
    "wants to write, and the keys that can read it have changed",
    `entry: ${inertWhole(entry)}`,
    `new keys: ${list(added)}`,
    `keys no longer there: ${list(removed)}`,
    "Allow only if you have made this change in .gpg-id yourself.",
  ];
}

function limitLines({ domains, span }: LimitQuestion): string[] {
  return [
    "",
    `is one site more: the browser has looked up ${domains} within a ${span}.`,
    "May it go on, and learn names of entries of other sites?",
  ];
}

/** As `inertWhole`, and not too long to be read. */
export function inert(text: string): string {
  const plain = inertWhole(text);
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain;
}

/** What a page says of itself: short, and with marks around it that it cannot make itself. */
function quoted(text: string): string {
  const plain = inertQuoted(text);
  return `“${plain.length > MAX_QUOTED ? `${plain.slice(0, MAX_QUOTED)}…` : plain}”`;
}

function inertQuoted(text: string): string {
  return inertWhole(text).replaceAll(/[“”„‟"]/g, "'");
}

/**
 * Text that is shown as it is and can do nothing: no control character, no line of its own, no direction change
 * (Unicode TR 36, section 3.3), no mark-up, nothing that can not be seen. A long row of blanks would have what follows it
 * stand at the beginning of a line, where a prompt breaks it.
 */
function inertWhole(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{DI}\u2800]/gu, "\u{FFFD}")
    .replaceAll(/\p{Zs}{2,}|^\p{Zs}|\p{Zs}$/gu, (blanks) => "␣".repeat(blanks.length))
    .replaceAll("<", "‹")
    .replaceAll(">", "›")
    .replaceAll("&", "＆");
}

function nameOf(field: string): string {
  if (field === "username") return "user name";
  if (field === "otp") return "one-time code";
  return field;
}
