import type { Duplex } from "node:stream";
import { type SendCommand, openMarionetteChannel } from "./marionette-channel.ts";

/** Where scripts run and keys go: in the page, or in the browser's own window. */
type MarionetteContext = "content" | "chrome";

/** An element that was found, by the browser's name for it. */
type ElementId = string;

/** A Firefox under remote control. Every method throws PosternError `internal` when the browser can not do it. */
export interface Marionette extends AsyncDisposable {
  setContext(context: MarionetteContext): Promise<void>;
  /** Returns when the page has loaded. */
  navigate(url: string): Promise<void>;
  /** Runs the body of a function with `arguments`; its result must be JSON. A promise is waited for. */
  run(body: string, ...parameters: unknown[]): Promise<unknown>;
  findElement(selector: string): Promise<ElementId>;
  click(element: ElementId): Promise<void>;
  sendKeys(element: ElementId, text: string): Promise<void>;
  /** Presses the keys in order and lets go of them in the opposite one; WebDriver's code points for special keys. */
  press(keys: string[]): Promise<void>;
  /** A PNG: of the whole window in the chrome context, of the page in the other. */
  screenshot(): Promise<Buffer>;
  windowHandles(): Promise<string[]>;
  switchToWindow(handle: string): Promise<void>;
  quit(): Promise<void>;
}

/** The property that stands for an element (WebDriver, section 12.2). */
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
const PAGE_DEADLINE = 30_000;

/**
 * Begins a session; the browser takes one at a time. Disposing of it ends the session and leaves the browser.
 * @param stream a connection to the browser's Marionette port
 * @param signal ends every wait
 */
export async function openMarionette(stream: Duplex, signal: AbortSignal): Promise<Marionette> {
  const send = await openMarionetteChannel(stream, signal);
  const timeouts = { pageLoad: PAGE_DEADLINE, script: PAGE_DEADLINE };
  await send("WebDriver:NewSession", { capabilities: { alwaysMatch: { timeouts } } });
  return {
    setContext: async (value) => void (await send("Marionette:SetContext", { value })),
    navigate: async (url) => void (await send("WebDriver:Navigate", { url })),
    run: async (script, ...args) => valueOf(await send("WebDriver:ExecuteScript", { script, args })),
    findElement: (selector) => findElement(send, selector),
    click: async (id) => void (await send("WebDriver:ElementClick", { id })),
    sendKeys: async (id, text) => void (await send("WebDriver:ElementSendKeys", { id, text })),
    press: (keys) => press(send, keys),
    screenshot: async () => Buffer.from(String(valueOf(await send("WebDriver:TakeScreenshot", SCREENSHOT))), "base64"),
    windowHandles: async () => strings(await send("WebDriver:GetWindowHandles")),
    switchToWindow: async (handle) => void (await send("WebDriver:SwitchToWindow", { handle })),
    quit: async () => void (await send("Marionette:Quit", { flags: ["eForceQuit"] })),
    [Symbol.asyncDispose]: async () => {
      await send("WebDriver:DeleteSession").catch(() => undefined);
      stream.destroy();
    },
  };
}

const SCREENSHOT = { id: null, full: true, hash: false };

async function findElement(send: SendCommand, value: string): Promise<ElementId> {
  const found = valueOf(await send("WebDriver:FindElement", { using: "css selector", value }));
  return String(typeof found === "object" && found !== null ? Reflect.get(found, ELEMENT) : "");
}

async function press(send: SendCommand, keys: string[]): Promise<void> {
  const downs = keys.map((value) => ({ type: "keyDown", value }));
  const ups = keys.toReversed().map((value) => ({ type: "keyUp", value }));
  const actions = [{ type: "key", id: "keyboard", actions: [...downs, ...ups] }];
  await send("WebDriver:PerformActions", { actions });
}

function valueOf(result: unknown): unknown {
  return typeof result === "object" && result !== null ? Reflect.get(result, "value") : undefined;
}

function strings(list: unknown): string[] {
  return Array.isArray(list) ? list.map(String) : [];
}
