import { type ErrorCode, isErrorCode } from "./generated/bridge.ts";

export type { ErrorCode };

/**
 * The one error that crosses boundaries. `message` and `hint` are safe to show to anyone: they hold no
 * secret, no path outside the store and no output of another program.
 */
export class PosternError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, hint?: string) {
    super(message);
    this.name = "PosternError";
    this.code = code;
    this.hint = hint;
  }
}

export interface WireError {
  code: ErrorCode;
  message: string;
  hint?: string;
}

/** What the other side is told. Whatever was not foreseen becomes `internal`, without detail. */
export function toWireError(error: unknown): WireError {
  if (!(error instanceof PosternError)) return { code: "internal", message: "Something unforeseen went wrong." };
  const { code, message, hint } = error;
  return hint === undefined ? { code, message } : { code, message, hint };
}

/** An error that the other side sent; a code that this side does not know counts as `internal`. */
export function fromWireError(error: { code: string; message: string; hint?: string }): PosternError {
  return new PosternError(isErrorCode(error.code) ? error.code : "internal", error.message, error.hint);
}
