import browser from "webextension-polyfill";
import { parseFrameLook, parseWritten } from "../fill/frame-orders.ts";
import type { ReachedFrame, Tabs } from "./look-at-tab.ts";

/** The tabs of the browser that this runs in. */
export const browserTabs: Tabs = {
  addressOf: async (tab) => (await browser.tabs.get(tab)).url,

  look: async (tab, site) => {
    const target = { tabId: tab, allFrames: true };
    const injected = await browser.scripting.executeScript({ target, files: ["content.js"], injectImmediately: true });
    const looks = injected.map(async ({ frameId: frame }): Promise<ReachedFrame> => {
      const answer = await browser.tabs.sendMessage(tab, { type: "look", site }, { frameId: frame });
      return { frame, ...parseFrameLook(answer) };
    });
    // A frame that went meanwhile, or that is not to be reached, is none.
    const settled = await Promise.allSettled(looks);
    return settled.flatMap((look) => (look.status === "fulfilled" ? [look.value] : []));
  },

  write: async (tab, frame, order) => parseWritten(await browser.tabs.sendMessage(tab, order, { frameId: frame })),
};
