import type { FillQuestion, LimitQuestion, Question } from "#protocol/generated/consent.ts";

/** How much of one value is shown. An origin is never shortened: it is at most this long. */
const MAX_SHOWN = 275;

/**
 * A question as the lines of a prompt. The origin stands first and complete, its registrable domain on a line of
 * its own. Values come from a browser or a store and are made inert.
 */
export function promptText(question: Question): string {
  const { gate, origin, registrableDomain } = question;
  const lines = question.kind === "fill" ? fillLines(question) : limitLines(question);
  return [inert(origin), `Site: ${inert(registrableDomain)}`, ...lines, `Browser: ${inert(gate)}`].join("\n");
}

/** What a person can say besides no; `minutes` of a yes that lasts, 0 where none can. */
export function choices(question: Question): { yes: string; minutes: number } {
  if (question.kind === "fill") return { yes: "Allow once", minutes: question.minutes };
  return { yes: "Go on", minutes: 0 };
}

function fillLines({ topOrigin, entry, referredBy, site, match, fields }: FillQuestion): string[] {
  return [
    ...(topOrigin === undefined ? [] : [`A frame in a page of ${inert(topOrigin)}`]),
    "",
    `wants: ${fields.map((field) => inert(nameOf(field))).join(", ")}`,
    `of the entry: ${inert(entry)}`,
    ...(referredBy === undefined ? [] : [`to which this one refers: ${inert(referredBy)}`]),
    ...(match === "exact" ? [] : [`which belongs to another host: ${inert(site)}`]),
  ];
}

function limitLines({ domains, span }: LimitQuestion): string[] {
  return [
    "",
    `is one site more: the browser has looked up ${domains} within a ${span}.`,
    "May it go on, and learn names of entries of other sites?",
  ];
}

/**
 * Text that is shown as it is and can do nothing: no control character, no line of its own, no direction change
 * (Unicode TR 36, section 3.3), no mark-up.
 */
export function inert(text: string): string {
  const plain = text
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu, "\u{FFFD}")
    .replaceAll("<", "‹")
    .replaceAll(">", "›")
    .replaceAll("&", "＆");
  return plain.length > MAX_SHOWN ? `${plain.slice(0, MAX_SHOWN)}…` : plain;
}

function nameOf(field: string): string {
  if (field === "username") return "user name";
  if (field === "otp") return "one-time code";
  return field;
}
