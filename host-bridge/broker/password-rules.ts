import { PosternError } from "#protocol/error.ts";

/** What a site wants of a password. */
export interface PasswordRules {
  minLength: number;
  maxLength: number;
  /** The longest run of one character. */
  maxConsecutive: number;
  /** Of each of these sets of characters there has to be one. */
  required: string[];
  /** Others that may be there. */
  allowed: string;
}

/** Without space, which too many forms cut off. */
const PRINTABLE = Array.from({ length: 94 }, (_, at) => String.fromCharCode(0x21 + at)).join("");
export const CHARACTERS = {
  upper: PRINTABLE.replaceAll(/[^A-Z]/g, ""),
  lower: PRINTABLE.replaceAll(/[^a-z]/g, ""),
  digit: PRINTABLE.replaceAll(/\D/g, ""),
  special: PRINTABLE.replaceAll(/[A-Za-z0-9]/g, ""),
  "ascii-printable": PRINTABLE,
  // What else there is, few sites take.
  unicode: PRINTABLE,
};

/**
 * The language of the passwordrules attribute (WHATWG HTML issue 3518): `minlength: 12; required: lower, upper;
 * allowed: [-_]; max-consecutive: 2`. Several classes of one `required` are alternatives.
 * @throws PosternError `bad_message`
 */
export function parsePasswordRules(text: string): PasswordRules {
  const rules: PasswordRules = {
    minLength: 0,
    maxLength: Number.POSITIVE_INFINITY,
    maxConsecutive: Number.POSITIVE_INFINITY,
    required: [],
    allowed: "",
  };
  for (const property of splitOutsideClasses(text, ";").filter((part) => part !== "")) {
    const colon = property.indexOf(":");
    const value = property.slice(colon + 1).trim();
    const classes = (): string => splitOutsideClasses(value, ",").map(charactersOf).join("");
    switch (property.slice(0, Math.max(0, colon)).trim().toLowerCase()) {
      case "minlength":
        rules.minLength = Math.max(rules.minLength, numberOf(value));
        break;
      case "maxlength":
        rules.maxLength = Math.min(rules.maxLength, numberOf(value));
        break;
      case "max-consecutive":
        rules.maxConsecutive = Math.min(rules.maxConsecutive, numberOf(value));
        break;
      case "required":
        rules.required.push(classes());
        break;
      case "allowed":
        rules.allowed += classes();
        break;
      default:
        throw unreadable();
    }
  }
  return rules;
}

/** A `]` ends a class only where one could end: it may itself be the last character of one. */
function splitOutsideClasses(text: string, separator: string): string[] {
  const parts = [""];
  let isInClass = false;
  for (const [at, character] of text.split("").entries()) {
    if (character === separator && !isInClass) {
      parts.push("");
      continue;
    }
    if (character === "[") isInClass = true;
    else if (character === "]" && /^\s*(?:[,;]|$)/.test(text.slice(at + 1))) isInClass = false;
    parts.push(`${parts.pop() ?? ""}${character}`);
  }
  if (isInClass) throw unreadable();
  return parts.map((part) => part.trim());
}

function charactersOf(text: string): string {
  const named = Object.entries(CHARACTERS).find(([name]) => name === text.toLowerCase())?.[1];
  if (named !== undefined) return named;
  const own = /^\[([\x21-\x7e]+)\]$/.exec(text)?.[1];
  if (own === undefined) throw unreadable();
  return own;
}

function numberOf(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw unreadable();
  return Number(text);
}

function unreadable(): PosternError {
  return new PosternError("bad_message", "request/generate/rules: can not be read.");
}
