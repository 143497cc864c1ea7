import browser from "webextension-polyfill";
import type { Sign, Signs } from "./fill-jobs.ts";

const PROBLEM_COLOUR = "#b3261e";
const WAITING_COLOUR = "#2f6f4f";

const PROBLEM = "!";

/** Shows on the toolbar button what the extension is doing in a tab, or what went wrong there. */
export const toolbarSigns: Signs = {
  show: (tab, sign) => {
    const [text, colour, title] = appearance(sign);
    const setTitle = (): Promise<void> => browser.action.setTitle({ tabId: tab, title });
    const setBadge = (): Promise<void> => browser.action.setBadgeText({ tabId: tab, text });
    // The badge of a problem comes after the title that explains it, and goes before.
    const [first, last] = sign.sign === "problem" ? [setTitle, setBadge] : [setBadge, setTitle];
    const changes = [first(), browser.action.setBadgeBackgroundColor({ tabId: tab, color: colour }), last()];
    // The tab may be closed already.
    for (const change of changes) void change.catch(() => undefined);
  },
  showsProblem: async (tabId) => (await browser.action.getBadgeText({ tabId })) === PROBLEM,
};

function appearance(sign: Sign): [text: string, colour: string, title: string] {
  switch (sign.sign) {
    case "none":
      return ["", WAITING_COLOUR, "Postern"];
    case "waiting":
      return ["…", WAITING_COLOUR, `Postern: ${browser.i18n.getMessage("waitingTitle")}`];
    case "problem":
      return [
        PROBLEM,
        PROBLEM_COLOUR,
        `Postern: ${[sign.problem.message, sign.problem.hint].filter(Boolean).join("\n")}`,
      ];
  }
}
