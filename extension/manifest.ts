import { ADDON_ID, CHROMIUM_KEY } from "#protocol/names.ts";

export type Browser = "firefox" | "chromium";

/**
 * The extension's manifest, version 3. It asks for as little as filling on command takes: a way to the native host, and
 * the tab that the person is on when they press the button or the keys. It reaches no page before that, no page can
 * reach it, and it runs no code but its own.
 */
export function manifestFor(browser: Browser, version: string): object {
  return {
    manifest_version: 3,
    name: "Postern",
    version,
    description: "__MSG_description__",
    default_locale: "en",
    permissions: ["activeTab", "nativeMessaging", "scripting"],
    action: { ...ACTION, default_icon: ICONS[browser], ...(browser === "firefox" ? IN_THE_TOOLBAR : {}) },
    icons: ICONS[browser],
    commands: COMMANDS,
    content_security_policy: { extension_pages: CONTENT_SECURITY_POLICY },
    ...(browser === "firefox" ? FIREFOX : CHROMIUM),
  };
}

const ACTION = { default_title: "Postern", default_popup: "popup/popup.html" };
/** Firefox would hide a new button in a menu. */
const IN_THE_TOOLBAR = { default_area: "navbar" };

/** The keys that browserpass has, free in Firefox and Chromium on Linux. */
const COMMANDS = {
  _execute_action: { suggested_key: { default: "Ctrl+Shift+L" }, description: "__MSG_openCommand__" },
  "fill-best": { suggested_key: { default: "Ctrl+Shift+F" }, description: "__MSG_fillBestCommand__" },
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const ICONS = {
  firefox: { 16: "icons/postern.svg", 32: "icons/postern.svg", 48: "icons/postern.svg", 96: "icons/postern.svg" },
  chromium: {
    16: "icons/postern-16.png",
    32: "icons/postern-32.png",
    48: "icons/postern-48.png",
    128: "icons/postern-128.png",
  },
};

const FIREFOX = {
  background: { scripts: ["background.js"] },
  browser_specific_settings: {
    gecko: {
      id: ADDON_ID,
      // The first that knows data_collection_permissions, on Android too.
      strict_min_version: "142.0",
      data_collection_permissions: { required: ["none"] },
    },
  },
};

const CHROMIUM = {
  // Gives it its id, which the native messaging manifest names.
  key: CHROMIUM_KEY,
  background: { service_worker: "background.js" },
  minimum_chrome_version: "120",
  // Without this key every other extension could connect.
  externally_connectable: { ids: [] },
};
