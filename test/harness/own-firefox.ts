import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { buttonSign, fillShortcut } from "#container/extension-control.ts";
import { openMarionette } from "#container/marionette.ts";
import { keysOfShortcut } from "#container/shortcut.ts";
import { eventually } from "./eventually.ts";
import { type OwnBrowser, READ_FIELDS } from "./own-browser.ts";

const EXTENSION = join(import.meta.dirname, "../../dist/extension/postern-firefox.xpi");
const PATIENCE = 120_000;

export interface OwnFirefox extends OwnBrowser {
  /** Runs the body of a function in the page. */
  run(body: string): Promise<unknown>;
  /** A person's click, at a place of the page's window. */
  clickAt(x: number, y: number): Promise<void>;
}

/** Through the browser's own window, as the mouse's come. */
const CLICK = `
  const { left, top } = gBrowser.selectedBrowser.getBoundingClientRect();
  const [x, y] = [left + arguments[0], top + arguments[1]];
  for (const type of ["mousemove", "mousedown", "mouseup"])
    window.synthesizeMouseEvent(type, x, y, { button: 0, buttons: type === "mousedown" ? 1 : 0, clickCount: 1 });`;

/** Debian's Firefox, headless, with a profile where it makes them by itself. Asked to fill by its keyboard command. */
export async function startOwnFirefox(home: string, environment: Record<string, string>): Promise<OwnFirefox> {
  await using parts = new AsyncDisposableStack();
  const profile = join(home, ".config/mozilla/firefox/own.default");
  await mkdir(profile, { recursive: true });
  // A port that is free; it is told in a file. No extension of the system: it may want the same keys.
  const preferences = { "marionette.port": 0, "extensions.enabledScopes": 5 };
  const lines = Object.entries(preferences).map(([name, value]) => `user_pref("${name}", ${value});\n`);
  await writeFile(join(profile, "user.js"), lines.join(""));
  const words = ["--headless", "--no-remote", "--profile", profile, "--marionette", "--remote-allow-system-access"];
  const child = spawn("firefox-esr", words, { env: environment, stdio: "ignore" });
  const exited = once(child, "exit");
  exited.catch(() => undefined);
  parts.defer(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const port = await eventually(
    "the browser's remote control",
    async () => Number(await readFile(join(profile, "MarionetteActivePort"), "utf8").catch(() => "")) || undefined,
    PATIENCE,
  );
  const stream = connect(port, "127.0.0.1");
  await once(stream, "connect");
  const browser = parts.use(await openMarionette(stream, AbortSignal.timeout(600_000)));
  await browser.setContext("chrome");
  // As about:debugging loads one: the extension is not signed.
  await browser.run(
    `const { AddonManager } = ChromeUtils.importESModule("resource://gre/modules/AddonManager.sys.mjs");
     const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
     file.initWithPath(arguments[0]);
     return AddonManager.installTemporaryAddon(file).then((addon) => addon.id);`,
    EXTENSION,
  );
  const shortcut = await eventually("the extension", () => fillShortcut(browser), PATIENCE);
  // In good order, so that nothing of it writes into the profile any more.
  parts.defer(async () => {
    await browser.quit().catch(() => undefined);
    await Promise.race([exited, wait(PATIENCE, undefined, { ref: false })]);
  });
  const kept = parts.move();
  return {
    open: async (page) => {
      await browser.setContext("content");
      await browser.navigate(page);
    },
    askToFill: async () => {
      await browser.setContext("chrome");
      await browser.press(keysOfShortcut(shortcut));
    },
    complaint: async () => {
      await browser.setContext("chrome");
      const { badge, problem, hint } = await buttonSign(browser);
      return badge === "!" ? `${problem} ${hint}` : undefined;
    },
    fields: async () => {
      await browser.setContext("content");
      return await browser.run(`return ${READ_FIELDS};`);
    },
    run: async (body) => {
      await browser.setContext("content");
      return await browser.run(body);
    },
    clickAt: async (x, y) => {
      await browser.setContext("chrome");
      await browser.run(CLICK, x, y);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
