import type { Field, Form } from "./field.ts";
import { sendsElsewhere } from "./sends-elsewhere.ts";
import { elementsOf, formOf } from "./shadow.ts";
import { isUsable } from "./usable.ts";
import { plainWords } from "./words.ts";

export interface Description {
  fields: Field[];
  forms: Form[];
  /** The elements of `fields`, one for one. */
  inputs: HTMLInputElement[];
  /** Where a form with a password sends what is typed, and so was left alone. */
  elsewhere: string | undefined;
}

/** The input types that a login can be typed into. */
const TYPES = new Set(["text", "email", "tel", "password", "search", "number", "url"]);
/** Of a page's texts no more is looked at. */
const LONGEST_TEXT = 300;

/**
 * What the document says about its fields. Changes nothing in it.
 * @param site the page's registrable domain: what is typed into a form may go there
 */
export function describe(document: Document, site: string): Description {
  const inputs = [...elementsOf(document)]
    .filter((element) => element instanceof HTMLInputElement)
    .filter(({ type }) => TYPES.has(type));
  const owners = [...new Set(inputs.map(formOf))].filter((form) => form !== null);
  const fields = inputs.map((input) => describeField(input, owners.findIndex((form) => form === formOf(input)) + 1));
  const outside = { text: plainWords(`${document.title} ${document.location.pathname}`.slice(0, LONGEST_TEXT)) };
  const elsewhere = owners.map((form) => sendsElsewhere(form, site));
  // What goes to another site is nobody's to type into here.
  const usable = fields.map((field) => ({ ...field, usable: field.usable && elsewhere[field.form - 1] === undefined }));
  const left = fields.find(
    (field) => field.usable && field.type === "password" && elsewhere[field.form - 1] !== undefined,
  );
  return {
    fields: usable,
    forms: [outside, ...owners.map(describeForm)],
    inputs,
    elsewhere: left === undefined ? undefined : elsewhere[left.form - 1],
  };
}

function describeField(input: HTMLInputElement, form: number): Field {
  const said = (attribute: string): string => input.getAttribute(attribute) ?? "";
  const labels = [...(input.labels ?? [])].map(textOf);
  const labelledBy = said("aria-labelledby")
    .split(/\s+/)
    .map((id) => textOf(elementById(input, id)));
  const label = [...labels, ...labelledBy, said("aria-label"), said("placeholder"), said("title")].join(" ");
  return {
    form,
    type: input.type,
    autocomplete: said("autocomplete").toLowerCase().split(/\s+/).filter(Boolean),
    name: plainWords(`${said("name")} ${said("id")}`),
    label: plainWords(label.slice(0, LONGEST_TEXT)),
    usable: isUsable(input),
  };
}

function elementById(input: HTMLInputElement, id: string): Element | null {
  const root = input.getRootNode();
  const isTree = root instanceof Document || root instanceof ShadowRoot;
  return id !== "" && isTree ? root.getElementById(id) : null;
}

function describeForm(form: HTMLFormElement): Form {
  // Attributes, since a field called `id` or `action` hides the form's property of that name.
  const attributes = ["name", "id", "action", "aria-label"].map((name) => form.getAttribute(name) ?? "");
  const buttons = [...form.querySelectorAll("input[type=submit], input[type=button]")];
  const values = buttons.map((button) => button.getAttribute("value") ?? "");
  const texts = [...form.querySelectorAll("legend, h1, h2, h3, button, [role=button]")].map(textOf);
  return { text: plainWords([...attributes, ...values, ...texts].join(" ").slice(0, LONGEST_TEXT * 2)) };
}

function textOf(element: Element | null): string {
  return (element?.textContent ?? "").trim().slice(0, LONGEST_TEXT);
}
