import browser from "webextension-polyfill";
import { NATIVE_HOST } from "#protocol/names.ts";
import type { HostPort, PortListener } from "./connection.ts";
import { whyClosed } from "./why-closed.ts";

/** Starts the native host that the browser knows under Postern's name. */
export function connectHost({ onMessage, onClosed }: PortListener): HostPort {
  const port = browser.runtime.connectNative(NATIVE_HOST);
  port.onMessage.addListener(onMessage);
  // Firefox says why on the port, Chromium in `lastError`.
  port.onDisconnect.addListener(() => onClosed(whyClosed(port.error?.message ?? browser.runtime.lastError?.message)));
  return { post: (message) => port.postMessage(message), close: () => port.disconnect() };
}
