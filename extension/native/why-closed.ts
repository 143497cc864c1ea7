import { PosternError } from "#protocol/error.ts";

/**
 * What a person can do about a native port that closed.
 * @param reason the browser's own words, of which the two browsers' are known; they are not shown
 */
export function whyClosed(reason: string | undefined): PosternError {
  if (reason !== undefined && NOT_INSTALLED.test(reason)) {
    return new PosternError(
      "no_broker",
      "This browser does not know Postern's native host.",
      "Set it up outside the browser with: postern install",
    );
  }
  if (reason !== undefined && FORBIDDEN.test(reason)) {
    const hint = "Set it up anew outside the browser with: postern install";
    return new PosternError("no_broker", "The browser does not let this extension start Postern's native host.", hint);
  }
  return new PosternError(
    "internal",
    "The connection to Postern was lost.",
    "Try again. Is it running? postern status",
  );
}

const NOT_INSTALLED =
  /no such native application|native messaging host not found|failed to start native messaging host/i;
const FORBIDDEN = /forbidden|not allowed/i;
