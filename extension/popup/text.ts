import browser from "webextension-polyfill";

/** A text of `_locales` in the browser's language. */
export function text(key: string, ...values: string[]): string {
  return browser.i18n.getMessage(key, values);
}

/** Puts the texts in that popup.html names. */
export function putTexts(): void {
  document.documentElement.lang = text("language");
  for (const element of document.querySelectorAll("[data-text], [data-label], [data-placeholder], [data-title]")) {
    const named = (attribute: string): string => text(element.getAttribute(attribute) ?? "");
    if (element.hasAttribute("data-text")) element.textContent = named("data-text");
    if (element.hasAttribute("data-label")) element.setAttribute("aria-label", named("data-label"));
    if (element.hasAttribute("data-title")) element.setAttribute("title", named("data-title"));
    if (element.hasAttribute("data-placeholder")) element.setAttribute("placeholder", named("data-placeholder"));
  }
}
