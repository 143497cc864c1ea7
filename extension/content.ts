// Runs in a page's frame when a person asks for a login there, and never before. Apart from the page's own scripts;
// keeps nothing, asks nothing, and only answers the background.
import browser from "webextension-polyfill";
import { answerInFrame } from "./fill/frame.ts";
import { parseFrameOrder } from "./fill/frame-orders.ts";

/** A document is asked more than once, and has one of us. */
const MARK = Symbol.for("io.github.postern");

if (!Reflect.has(globalThis, MARK)) {
  Reflect.set(globalThis, MARK, true);
  const answer = answerInFrame();
  browser.runtime.onMessage.addListener(async (order: unknown) => answer(parseFrameOrder(order)));
}
