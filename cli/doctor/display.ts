import type { Context } from "../context.ts";
import { type DisplayKind, planDisplay } from "../display/choose.ts";

const DEADLINE = 10_000;

const FOUND: Record<DisplayKind, string> = {
  context: "safe: a security context of the compositor's, and cage in it if too much is offered there",
  plain: "safe: all that the compositor offers is known to be harmless",
  nested: "safe: in cage, a compositor in a window, since yours offers",
};

/**
 * Which display a browser would be given; that of a security context is looked at again when there is one.
 * @throws PosternError `internal` when there is no compositor
 */
export async function checkDisplay(context: Context, display: string): Promise<string> {
  const { kind, unknown } = await planDisplay(context, display, AbortSignal.timeout(DEADLINE));
  return kind === "nested" ? `${FOUND.nested} ${unknown.join(", ")}` : FOUND[kind];
}
