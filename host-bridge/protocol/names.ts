/** The names and numbers that every part agrees on. */
export const PROTOCOL_VERSION = 1;
export const VERSION = "0.1.0";
/** The name in the native messaging manifest. */
export const NATIVE_HOST = "io.github.postern";
/** The Firefox add-on's id. */
export const ADDON_ID = "@postern";
/**
 * A public key, as base64 of its SPKI, from which Chromium derives the extension's id: so it is the same from whatever
 * folder it is loaded. The private half was thrown away when it was made, and nothing is signed with it.
 */
export const CHROMIUM_KEY =
  "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAv3ufOf1Vn7VD9JZduuRoRVQ6jU2J3b7LTRH5b2B0Ofkh" +
  "19f4LdCB1LoU6FNH7a8fgTGINGj29HURCUkl0AWFqVcmafFMhlvPWXAqNRlxAp7OlGq/aLWjEDBoPorqwONrIbrs" +
  "ntVKovFjQ+2NMYt4XP+owIyxV0T+gzJYOSPVN64eA8YSbMuzi44OFhE7wGkjlcyqAMmSB7Wo6vB7s2tsMoQMcULM" +
  "Nr28IcwbijOqRKfg+oyBX/8iOHNALI3Q7ow5vfzaPfgtH7JNrUrHMdXU4cu1recxtNBagvS8kaRMo/bfMN8PcNsk" +
  "2GtvEGwEdbi+tpNi4DXFeouob3swX7f58wIDAQAB";
/** The gate of the browsers in the user's own session. */
export const OWN_GATE = "session";
/** The gate of whoever comes by xdg-native-messaging-proxy, which starts a native host for anyone and checks no name. */
export const PROXY_GATE = "proxy";

/** Bytes of JSON in one frame. Replies have the browsers' own limit for native messages. */
export const MAX_REQUEST_BYTES = 64 * 1024;
export const MAX_REPLY_BYTES = 1024 * 1024;
/** On consent.sock: the names of a large store. */
export const MAX_CONSENT_BYTES = 4 * 1024 * 1024;
