import type { Field } from "./field.ts";
import * as words from "./words.ts";

/** What a field is taken for, how surely (0 to 100), and why. */
export interface Sort {
  sort: "username" | "password" | "new-password" | "otp" | "other";
  sure: number;
  why: string;
}

/** Judges one field by itself. What its autocomplete attribute says stands above all else. */
export function classify(field: Field): Sort {
  const declared = field.autocomplete.flatMap((token) => DECLARED[token] ?? []).at(-1);
  if (declared !== undefined) return judgeDeclared(field, declared);
  return field.type === "password" ? classifyPassword(field) : classifyText(field);
}

/** HTML Standard, "Autofill": the field names that tell. Others that it names belong to no login. */
const DECLARED: Record<string, Sort["sort"] | "email" | "tel"> = {
  username: "username",
  email: "email",
  tel: "tel",
  "current-password": "password",
  "new-password": "new-password",
  "one-time-code": "otp",
  ...Object.fromEntries(
    [
      ..."name given-name additional-name family-name honorific-prefix honorific-suffix nickname".split(" "),
      ..."organization organization-title street-address address-line1 address-line2 address-line3".split(" "),
      ..."address-level1 address-level2 address-level3 address-level4 country country-name postal-code".split(" "),
      ..."cc-name cc-given-name cc-family-name cc-number cc-exp cc-exp-month cc-exp-year cc-csc cc-type".split(" "),
      ..."transaction-currency transaction-amount language bday bday-day bday-month bday-year sex url photo".split(" "),
    ].map((token) => [token, "other" as const]),
  ),
};

function judgeDeclared(field: Field, declared: Sort["sort"] | "email" | "tel"): Sort {
  const why = `autocomplete is ${field.autocomplete.join(" ")}`;
  if (declared === "email") return { sort: "username", sure: 70, why };
  if (declared === "tel") return { sort: "username", sure: 20, why };
  // A password is only ever written where it is not readable.
  if (declared === "password" && field.type !== "password")
    return { sort: "other", sure: 100, why: "it shows its text" };
  return { sort: declared, sure: 100, why };
}

function classifyPassword(field: Field): Sort {
  // Beside the password the label often names a code that is asked for as well.
  const isCode =
    words.ONE_TIME_CODE.test(field.name) || (!NAMED_PASSWORD.test(field.name) && reads(field, words.ONE_TIME_CODE));
  if (isCode) return { sort: "otp", sure: 70, why: "reads as a code" };
  if (reads(field, words.CURRENT_PASSWORD)) return { sort: "password", sure: 90, why: "reads as the current password" };
  if (reads(field, words.NEW_PASSWORD)) return { sort: "new-password", sure: 80, why: "reads as a new password" };
  if (reads(field, words.SOMETHING_ELSE)) return { sort: "other", sure: 60, why: "reads as another secret" };
  return { sort: "password", sure: 60, why: "is a password field" };
}

const NAMED_PASSWORD = /pass|pwd|pswd/;

function classifyText(field: Field): Sort {
  if (reads(field, words.ONE_TIME_CODE)) return { sort: "otp", sure: 60, why: "reads as a code" };
  if (words.USER_NAME.test(field.name)) return { sort: "username", sure: 60, why: "is named as a user name" };
  if (words.SOMETHING_ELSE.test(field.name)) return { sort: "other", sure: 60, why: "is named otherwise" };
  if (words.USER_NAME.test(field.label)) return { sort: "username", sure: 55, why: "is labelled as a user name" };
  if (field.type === "email" || reads(field, words.E_MAIL)) {
    return { sort: "username", sure: 50, why: "is for an e-mail address" };
  }
  if (field.type === "search" || reads(field, words.SOMETHING_ELSE)) {
    return { sort: "other", sure: 50, why: "reads as something else" };
  }
  return { sort: "username", sure: 5, why: "is a field for text" };
}

function reads({ name, label }: Field, list: RegExp): boolean {
  return list.test(name) || list.test(label);
}
