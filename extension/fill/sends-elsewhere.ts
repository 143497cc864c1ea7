/** A button in the form, or of it elsewhere, that may send it to another address than its own. */
const BUTTONS = "button[formaction], input[formaction]";

/**
 * The host that a form sends what is typed into it to, where that belongs to another site: by the form's own address, or
 * by that of any of its buttons.
 * @param site the page's registrable domain
 */
export function sendsElsewhere(form: HTMLFormElement, site: string): string | undefined {
  const buttons = [...form.ownerDocument.querySelectorAll(BUTTONS), ...form.querySelectorAll(BUTTONS)].filter(
    (button) => (button instanceof HTMLButtonElement || button instanceof HTMLInputElement) && button.form === form,
  );
  // Attributes, since a field called `action` hides the form's property of that name.
  const addresses = [form.getAttribute("action"), ...buttons.map((button) => button.getAttribute("formaction"))];
  return addresses
    .map((address) => hostElsewhere(address ?? "", form.baseURI, site))
    .find((host) => host !== undefined);
}

function hostElsewhere(address: string, base: string, site: string): string | undefined {
  if (!URL.canParse(address, base)) return undefined;
  const { protocol, hostname } = new URL(address, base);
  // What a script of the page's own does with it is no address of a form.
  if (protocol === "javascript:" || protocol === "about:") return undefined;
  const isOwn = hostname === site || hostname.endsWith(`.${site}`);
  return (protocol === "https:" || protocol === "http:") && isOwn ? undefined : hostname || protocol;
}
