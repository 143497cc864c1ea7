/** The names and numbers that every part agrees on. */
export const PROTOCOL_VERSION = 1;
export const VERSION = "0.1.0";
/** The name in the native messaging manifest. */
export const NATIVE_HOST = "io.github.postern";
/** The Firefox add-on's id. */
export const ADDON_ID = "@postern";
/** The gate of the browsers in the user's own session. */
export const OWN_GATE = "session";

/** Bytes of JSON in one frame. Replies have the browsers' own limit for native messages. */
export const MAX_REQUEST_BYTES = 64 * 1024;
export const MAX_REPLY_BYTES = 1024 * 1024;
