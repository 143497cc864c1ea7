import { join } from "node:path";
import { type Browser, type Page, launch } from "puppeteer-core";
import { eventually } from "./eventually.ts";
import { type OwnBrowser, READ_FIELDS } from "./own-browser.ts";

const EXTENSION = join(import.meta.dirname, "../../dist/extension/chromium");
const PATIENCE = 120_000;
/** In the popup. */
const READ_PROBLEM = "[...document.querySelectorAll('#problem:not([hidden]) p')].map((p) => p.textContent).join(' ')";

/** Debian's Chromium, headless, with its profile where it is by default. Asked to fill by the popup of its button. */
export async function startOwnChromium(home: string, environment: Record<string, string>): Promise<OwnBrowser> {
  const browser = await launch({
    executablePath: "/usr/bin/chromium",
    pipe: true,
    enableExtensions: true,
    userDataDir: join(home, ".config/chromium"),
    // Its own sandbox does not run as root.
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    env: environment,
    timeout: PATIENCE,
    protocolTimeout: PATIENCE,
  });
  const id = await browser.installExtension(EXTENSION);
  const page = await browser.newPage();
  return {
    open: async (url) => void (await page.goto(url, { timeout: PATIENCE })),
    askToFill: async () => {
      await (await popupOf(browser))?.close();
      const extension = (await browser.extensions()).get(id);
      if (extension === undefined) throw new Error("the extension is not there");
      await page.triggerExtensionAction(extension);
      const popup = await eventually("the popup", () => popupOf(browser), PATIENCE);
      // The first login is chosen already; where there is none, there is nothing to be chosen.
      await popup.waitForSelector("#list:not([hidden]) [role=option], #problem:not([hidden])", { timeout: PATIENCE });
      if ((await popup.$("#problem:not([hidden])")) === null) await popup.keyboard.press("Enter");
    },
    complaint: async () => {
      const popup = await popupOf(browser);
      const text: unknown = await popup?.evaluate(READ_PROBLEM);
      return typeof text === "string" && text !== "" ? text : undefined;
    },
    fields: async () => await page.evaluate(READ_FIELDS),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}

async function popupOf(browser: Browser): Promise<Page | undefined> {
  const target = browser.targets().find((found) => found.url().endsWith("/popup/popup.html"));
  return await target?.asPage();
}
