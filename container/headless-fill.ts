import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { PosternError } from "#protocol/error.ts";
import type { Container } from "./containers.ts";
import type { Engine } from "./engine.ts";
import { execStream } from "./exec.ts";
import { buttonSign, fillShortcut } from "./extension-control.ts";
import { inert } from "./inert.ts";
import { connectMarionette } from "./marionette-connect.ts";
import type { Marionette } from "./marionette.ts";
import { keysOfShortcut } from "./shortcut.ts";

export interface HeadlessFill {
  engine: Engine;
  /** A browser that was started headless. */
  container: Container;
  /** A page, or the login page that the project serves inside the container, on this port. */
  target: { page: string } | { servePort: number };
  /** Where the picture of the window goes, a PNG. */
  screenshot: string;
  signal: AbortSignal;
  onProgress: (text: string) => void;
}

/** A person may be asked for consent, and then for the key's passphrase. */
const FILL_DEADLINE = 150_000;
const READY_DEADLINE = 20_000;
const LOOK_AGAIN_AFTER = 50;

/**
 * Opens a page, presses the keys of the extension's command as a person would, and reads the page's own fields back.
 * @returns the names of the fields that hold something now and did not before; never their values
 * @throws PosternError `internal` with the extension's own reason, or when nothing was filled in time; the signal's reason
 */
export async function fillHeadless(job: HeadlessFill): Promise<{ filled: string[]; screenshot: string }> {
  const { engine, container, target, signal, onProgress, screenshot } = job;
  await using parts = new AsyncDisposableStack();
  const page = "page" in target ? target.page : parts.use(await servePage(engine, container, target.servePort)).page;
  onProgress("Waiting for the browser");
  const browser = parts.use(await connectMarionette(engine, container, signal));
  await browser.setContext("chrome");
  const shortcut = await until(READY_DEADLINE, signal, () => fillShortcut(browser), notReady);

  onProgress(`Opening ${page}`);
  await browser.setContext("content");
  await browser.navigate(page);
  const before = new Set(await fieldsThatHoldSomething(browser));

  onProgress(`Pressing ${shortcut}`);
  await browser.setContext("chrome");
  await browser.press(keysOfShortcut(shortcut));
  const filled = await until(FILL_DEADLINE, signal, () => newlyFilled(browser, before), notFilled);

  await browser.setContext("chrome");
  await writeFile(screenshot, await browser.screenshot(), { mode: 0o600 }).catch(() => {
    const hint = `See how much room there is, and whose it is, with: df ${screenshot}; ls -l ${screenshot}`;
    throw new PosternError("internal", "The page was filled, but its screenshot can not be saved.", hint);
  });
  return { filled, screenshot };
}

/** The project's login page, served in the container for as long as this is not disposed of. */
async function servePage(
  engine: Engine,
  container: Container,
  port: number,
): Promise<{ page: string } & AsyncDisposable> {
  const command = ["/usr/libexec/postern/node", "/usr/libexec/postern/login-page.cjs", String(port)];
  const { stream } = await execStream(engine, container, command);
  await once(stream, "data", { signal: AbortSignal.timeout(READY_DEADLINE) });
  // Nothing more is wanted of it: whatever else it writes is not fetched.
  stream.pause();
  return { page: `http://localhost:${port}/`, [Symbol.asyncDispose]: async () => void stream.destroy() };
}

/** The fields once the extension has come to its end with them; undefined while it works. */
async function newlyFilled(browser: Marionette, before: Set<string>): Promise<string[] | undefined> {
  await browser.setContext("chrome");
  const { badge, problem, hint } = await buttonSign(browser);
  if (badge === "!") {
    throw new PosternError(
      "internal",
      `The page was not filled. ${problem}`,
      hint || "See what was decided: postern log",
    );
  }
  await browser.setContext("content");
  const added = (await fieldsThatHoldSomething(browser)).filter((field) => !before.has(field));
  return badge === "" && added.length > 0 ? added : undefined;
}

async function fieldsThatHoldSomething(browser: Marionette): Promise<string[]> {
  const names = await browser.run(
    `const holds = (input) => input.value !== "" && !["hidden", "submit", "button"].includes(input.type);
     return [...document.querySelectorAll("input")].filter(holds).map((input) => input.name || input.id || input.type);`,
  );
  return Array.isArray(names) ? names.map(inert) : [];
}

async function until<T>(
  deadline: number,
  signal: AbortSignal,
  look: () => Promise<T | undefined>,
  late: () => PosternError,
): Promise<T> {
  const end = performance.now() + deadline;
  while (performance.now() < end) {
    const found = await look();
    if (found !== undefined) return found;
    await wait(LOOK_AGAIN_AFTER, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
  throw late();
}

function notReady(): PosternError {
  return new PosternError(
    "internal",
    "The extension did not start in the browser.",
    "Build the image anew: postern up",
  );
}

function notFilled(): PosternError {
  return new PosternError("internal", "The page was not filled in time.", "See what was decided: postern log");
}
