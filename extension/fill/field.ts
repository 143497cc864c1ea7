/** What a page says about one of its fields: no more than is needed to tell what belongs in it. */
export interface Field {
  /** The form that it belongs to, by number; 0 stands for all fields that are in no form. */
  form: number;
  /** The element's type in force, such as `text` or `password`. */
  type: string;
  /** The tokens of the autocomplete attribute, in lower case. */
  autocomplete: string[];
  /** What the page's author calls it, name and id, in plain words (words.ts). */
  name: string;
  /** What a person reads, label and placeholder, in plain words. */
  label: string;
  /** Whether a person can see it and type into it. */
  usable: boolean;
}

export interface Form {
  /** Its name, id and address, its headings and buttons, in plain words. */
  text: string;
}

/** What a login can put into a field. */
export type FillField = "username" | "password" | "otp";

export const FILL_FIELDS: readonly FillField[] = ["username", "password", "otp"];
