// The extension's background: the one connection to the native host, the fills, and answers to the popup. It is woken by
// the toolbar button and the keys alone; nothing in a page can reach it.
import browser, { type Runtime } from "webextension-polyfill";
import { connectHost } from "./native/host.ts";
import { openVault } from "./native/vault.ts";
import { browserTabs as tabs } from "./page/browser-tabs.ts";
import { fillBest } from "./page/fill-best.ts";
import { createFillJobs } from "./page/fill-jobs.ts";
import { toolbarSigns } from "./page/toolbar-sign.ts";
import { answerPopup } from "./popup/answer.ts";
import { CHANGED, parsePopupOrder } from "./popup/orders.ts";

const POPUP = browser.runtime.getURL("popup/popup.html");

const jobs = createFillJobs(toolbarSigns);
// Without an open popup nobody hears it.
const vault = openVault(connectHost, () => void browser.runtime.sendMessage(CHANGED).catch(() => undefined));

browser.runtime.onMessage.addListener((order: unknown, sender: Runtime.MessageSender) => {
  // Content scripts run in the pages' processes, and have nothing to ask.
  const isPopup = sender.id === browser.runtime.id && sender.url?.split("?")[0] === POPUP;
  return isPopup ? answerPopup({ vault, tabs, jobs }, parsePopupOrder(order)) : undefined;
});

browser.commands.onCommand.addListener((command, tab) => {
  if (command !== "fill-best" || tab?.id === undefined) return;
  const { id } = tab;
  void jobs.start(id, undefined, (signal) => fillBest({ vault, tabs }, id, signal));
});

browser.tabs.onRemoved.addListener(jobs.forget);
