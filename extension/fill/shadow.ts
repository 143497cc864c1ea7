/** All elements of a document in its order, those in shadow roots, open and closed, with them. */
export function* elementsOf(root: Document | ShadowRoot): Iterable<Element> {
  for (const element of root.querySelectorAll("*")) {
    yield element;
    const shadow = element instanceof HTMLElement ? shadowRootOf(element) : null;
    if (shadow !== null) yield* elementsOf(shadow);
  }
}

/** The form that a field belongs to, also where shadow roots stand between the two. */
export function formOf(input: HTMLInputElement): HTMLFormElement | null {
  if (input.form !== null) return input.form;
  for (let root = input.getRootNode(); root instanceof ShadowRoot; root = root.host.getRootNode()) {
    const form = root.host.closest("form");
    if (form !== null) return form;
  }
  return null;
}

/** Chromium gives it to content scripts. */
declare const chrome: { dom?: { openOrClosedShadowRoot(element: HTMLElement): ShadowRoot | null } };

function shadowRootOf(element: HTMLElement): ShadowRoot | null {
  const { dom } = chrome;
  // Firefox has it on the element itself, for extensions alone.
  const found: unknown =
    "openOrClosedShadowRoot" in element ? element.openOrClosedShadowRoot : dom?.openOrClosedShadowRoot(element);
  return found instanceof ShadowRoot ? found : null;
}
