import { type Sort, classify } from "./classify.ts";
import type { Field, FillField, Form } from "./field.ts";
import * as words from "./words.ts";

/** One field to fill: its place in the list of fields. */
export interface Target {
  index: number;
  why: string;
}

export interface Plan {
  targets: Partial<Record<FillField, Target>>;
  /** How surely this is a place for a login; 0 is a plan without targets. */
  score: number;
  /** Why a form was left alone. */
  left: string[];
}

/**
 * Which fields of a document one login belongs in. Scores each field by itself, then each form, then takes the best
 * form: one login is never spread over two. Unsure, it leaves the form alone.
 * @param fields in the document's order, the unusable ones with them
 * @param forms by the number that `Field.form` gives; their texts in plain words
 */
export function decide(fields: Field[], forms: Form[]): Plan {
  const plans = forms.map((form, number) => planForm(form, candidatesOf(fields, number)));
  const best = plans.reduce((first, second) => (second.score > first.score ? second : first), NO_PLAN);
  return { ...best, left: plans.flatMap(({ left }) => left) };
}

/** Under this a field is none to bet on without a password beside it. */
const SURE_ALONE = 55;
const NO_PLAN: Plan = { targets: {}, score: 0, left: [] };

interface Candidate extends Sort {
  index: number;
  usable: boolean;
}

function candidatesOf(fields: Field[], form: number): Candidate[] {
  return fields.flatMap((field, index) =>
    field.form === form ? [{ index, usable: field.usable, ...classify(field) }] : [],
  );
}

function planForm(form: Form, all: Candidate[]): Plan {
  const candidates = all.filter(({ usable }) => usable);
  const otp = surest(candidates.filter(({ sort }) => sort === "otp"));
  const passwords = candidates.filter(({ sort }) => sort === "password");
  if (passwords.length > 0) return planPassword(form, candidates, passwords, otp);
  // The account is being made or changed: nothing of a login belongs here.
  if (candidates.some(({ sort }) => sort === "new-password")) return leave("It asks for a new password.");
  if (otp !== undefined) return { targets: { otp: target(otp) }, score: otp.sure, left: [] };
  return planFirstStep(form, candidates);
}

function planPassword(form: Form, candidates: Candidate[], passwords: Candidate[], otp: Candidate | undefined): Plan {
  const password = surest(passwords);
  if (password === undefined) return NO_PLAN;
  const told = password.sure > 60;
  const anyNew = candidates.some(({ sort }) => sort === "new-password");
  if (!told && passwords.length > 1) return leave("It has several password fields, and does not say which is which.");
  if (!told && anyNew) return leave("It asks for a new password.");
  if (!told && words.SIGN_UP.test(form.text) && !words.SIGN_IN.test(form.text)) return leave("It makes an account.");

  const users = candidates.filter(({ sort }) => sort === "username");
  const before = users.filter(({ index }) => index < password.index);
  const user =
    surest(before.filter(({ sure }) => sure > 5)) ?? before.at(-1) ?? surest(users.filter(({ sure }) => sure >= 50));
  return {
    targets: {
      ...(user === undefined ? {} : { username: target(user) }),
      password: target(password),
      ...(otp === undefined ? {} : { otp: target(otp) }),
    },
    score: 100 + password.sure + (user?.sure ?? 0) / 2 + (words.SIGN_IN.test(form.text) ? 20 : 0) - (anyNew ? 60 : 0),
    left: [],
  };
}

/** A page that asks for the user name first and for the password later. */
function planFirstStep(form: Form, candidates: Candidate[]): Plan {
  const user = surest(candidates.filter(({ sort }) => sort === "username"));
  if (user === undefined || user.sure < 50) return NO_PLAN;
  const { text } = form;
  const isOther = words.NEWSLETTER.test(text) || words.SIGN_UP.test(text) || words.RESET.test(text);
  if (user.sure < 100 && isOther) return leave("It reads as a form for something else.");
  if (user.sure < SURE_ALONE && !words.SIGN_IN.test(text)) return leave("It asks for an address, and not for a login.");
  return { targets: { username: target(user) }, score: user.sure / 2 + (words.SIGN_IN.test(text) ? 20 : 0), left: [] };
}

/** The first of those that are equally sure. */
function surest(candidates: Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (best, candidate) => (best === undefined || candidate.sure > best.sure ? candidate : best),
    undefined,
  );
}

function target({ index, why }: Candidate): Target {
  return { index, why };
}

function leave(why: string): Plan {
  return { ...NO_PLAN, left: [why] };
}
