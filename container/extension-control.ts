import { ADDON_ID } from "#protocol/names.ts";
import { inert } from "./inert.ts";
import type { Marionette } from "./marionette.ts";

/** What the extension's button in the toolbar shows. The texts come from the browser, and are made safe to print. */
export interface ButtonSign {
  /** `…` while it works, `!` when that failed, else nothing. */
  badge: string;
  /** What failed, where that did; and what to do about it, or nothing. */
  problem: string;
  hint: string;
}

/** The extension's command that fills the page's best match. */
const COMMAND = "fill-best";

/** The keys of the command, once the extension listens for them; undefined before. Wants the chrome context. */
export async function fillShortcut(browser: Marionette): Promise<string | undefined> {
  const shortcut = await browser.run(
    `const [addon, name] = arguments;
     const extension = WebExtensionPolicy.getByID(addon)?.extension;
     // Stopped at the start of a profile that knows it already: the keys wake it.
     const isKnown = extension?.persistentListeners?.get("commands")?.size > 0;
     const isUp = ["running", "suspended"].includes(extension?.backgroundState) || isKnown;
     return isUp ? (async () => (await extension.shortcuts?.commands)?.get(name)?.shortcut ?? "")() : "";`,
    ADDON_ID,
    COMMAND,
  );
  return typeof shortcut === "string" && shortcut !== "" ? shortcut : undefined;
}

/** Wants the chrome context. */
export async function buttonSign(browser: Marionette): Promise<ButtonSign> {
  // Firefox changes the button when it next draws the window, also to take back what it said of the page before. What the
  // pointer is told of the title comes later, through a translation; the title itself is what that was given.
  const found = await browser.run(
    `return new Promise((drawn) => window.requestAnimationFrame(drawn)).then(() => {
       const button = document.querySelector("#_postern-browser-action [badge], #_postern-browser-action[badge]");
       return [button?.getAttribute("badge"), button && document.l10n.getAttributes(button).args?.extensionTitle];
     });`,
  );
  const [badge, title]: unknown[] = Array.isArray(found) ? found : [];
  const [, explained] = /^Postern: ([^]*)$/.exec(String(title)) ?? [];
  const [problem, ...hint] = explained?.split("\n") ?? [];
  // Between two drawings it may have the one and not the other yet: a failure is one once it is explained.
  const shown = badge === "!" && explained === undefined ? "" : badge;
  return { badge: inert(shown), problem: inert(problem), hint: inert(hint.join(" ")) };
}
