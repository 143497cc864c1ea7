import type { Store, UpResult } from "#protocol/generated/control.ts";
import { storesText } from "../stores.ts";
import { age } from "./status.ts";

export interface Used {
  stores: readonly Store[];
  demo: boolean;
}

const ABOUT_DEMO = "This is the demo store: its gate asks nobody. A store of yours always asks you first.";

/** What `up` came to, for people. */
export function summary(result: UpResult, used: Used): string {
  const lines = result.display === undefined ? aboutFill(result, used) : aboutWindow(result, used);
  const { gate, packages, attached } = result;
  const about = [
    `The browser's image: ${age(packages)}.`,
    attached
      ? `The gate ${gate} is open and asks for consent on this terminal. Ctrl-C ends it.`
      : result.display === undefined
        ? `The gate ${gate} is open. See it with: postern status. End it with: postern down`
        : `The gate ${gate} is open, and this terminal may be closed. Closing the window ends the browser; all of it ends with: postern down`,
  ];
  return ["", ...lines, ...about, ""].join("\n");
}

function aboutFill({ filled = [], screenshot = "" }: UpResult, { stores, demo }: Used): string[] {
  return [
    `Filled ${filled.join(" and ")} in the page, from ${storesText(stores)}.`,
    ...(demo ? [ABOUT_DEMO] : []),
    `Screenshot: ${screenshot}`,
  ];
}

function aboutWindow({ display, page, wasOpen }: UpResult, { stores, demo }: Used): string[] {
  const opened = page === undefined ? "" : `${wasOpen === true ? "" : ", with"} ${page}`;
  return [
    wasOpen === true ? `Opened${opened || " a tab"} in Firefox's window.` : `Firefox's window is open${opened}.`,
    `To fill a login from ${storesText(stores)}: Ctrl+Shift+F on its page. To choose one: Ctrl+Shift+L, or the button in the toolbar.`,
    ...(demo ? [ABOUT_DEMO] : []),
    ...(display === "nested" ? NESTED : []),
  ];
}

const NESTED = [
  "The window is cage's, a compositor in a window: your own offers the browser more than is known to be harmless.",
  "The clipboard is not shared with it, and its keyboard has the layout of XKB_DEFAULT_LAYOUT.",
];
