import assert from "node:assert/strict";
import { join } from "node:path";
import { buttonSign } from "#container/extension-control.ts";
import { fillHeadless } from "#container/headless-fill.ts";
import { connectMarionette } from "#container/marionette-connect.ts";
import { eventually } from "#test/harness/eventually.ts";
import { type Running, runBrowser } from "./running.ts";

describe("a headless fill", () => {
  let running: Running;
  before(async function () {
    this.timeout(300_000);
    running = await runBrowser({ isIdle: false });
  });
  after(() => running[Symbol.asyncDispose]());

  const programs = async (): Promise<string> => (await running.sh("cat /proc/[0-9]*/cmdline | tr '\\0' ' '")).stdout;
  /** What ran while the first fill was at work. */
  let during: Promise<string>;

  it("ends with the reason when it is given up", async () => {
    const { engine, container, home } = running;
    const stop = new AbortController();
    const reason = new Error("given up");
    const onProgress = (text: string): void => {
      // From here on it would wait for a gate that is not there.
      if (!text.startsWith("Pressing")) return;
      during = programs().finally(() => stop.abort(reason));
    };
    const screenshot = join(home, "picture.png");
    const job = { engine, container, target: { servePort: 8000 }, screenshot, signal: stop.signal, onProgress };
    await assert.rejects(fillHeadless(job), reason);
  });

  it("without a broker at the gate ends with what the extension says, and its hint", async () => {
    const { engine, container, home } = running;
    const screenshot = join(home, "picture.png");
    const signal = AbortSignal.timeout(120_000);
    const job = { engine, container, target: { servePort: 8000 }, screenshot, signal, onProgress: () => undefined };
    await assert.rejects(fillHeadless(job), {
      message: "The page was not filled. Postern is not running for this browser.",
      hint: "Start it outside the browser's sandbox with: postern up",
    });
  }).timeout(150_000);

  it("leaves the page's server no longer than it runs", async () => {
    assert.match(await during, /login-page\.cjs 8000/);
    // It ends when its input does.
    await eventually("its end", async () => !/login-page\.cjs 8000/.test(await programs()));
  });
});

describe("a headless fill, where the window is drawn late", function () {
  this.timeout(300_000);

  it("ends with what the extension says of this page, and not with what the button still says of the last", async () => {
    await using running = await runBrowser({ isIdle: false });
    const { engine, container, home } = running;
    const signal = AbortSignal.timeout(250_000);
    const screenshot = join(home, "picture.png");
    const fill = (target: { servePort: number } | { page: string }): Promise<unknown> =>
      fillHeadless({ engine, container, target, screenshot, signal, onProgress: () => undefined });
    await assert.rejects(fill({ servePort: 8000 }), { message: /Postern is not running/ });
    const browser = await connectMarionette(engine, container, signal);
    await browser.setContext("chrome");
    assert.equal((await buttonSign(browser)).badge, "!");
    // As on a busy machine.
    await browser.run("window.requestAnimationFrame = (draw) => window.setTimeout(draw, 2_000);");
    await browser[Symbol.asyncDispose]();
    await assert.rejects(fill({ page: "about:license" }), {
      message: /not filled\. Postern can not work on this page\./,
    });
  });
});
