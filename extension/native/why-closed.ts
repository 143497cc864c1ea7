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
      "Start the browser with: postern up",
    );
  }
  if (reason !== undefined && FORBIDDEN.test(reason)) {
    const hint = "The native messaging manifest has to name this extension.";
    return new PosternError("no_broker", "The browser does not let this extension start Postern's native host.", hint);
  }
  return new PosternError(
    "internal",
    "The connection to Postern was lost.",
    "Try again. Is it running? postern status",
  );
}

const NOT_INSTALLED = /no such native application|native messaging host not found/i;
const FORBIDDEN = /forbidden|not allowed/i;
