import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { type DisplayKind, planDisplay } from "../display/choose.ts";

const DEADLINE = 10_000;

const FOUND: Record<Exclude<DisplayKind, "unsafe">, string> = {
  context: "safe: a security context of the compositor's",
  plain: "safe: the compositor offers nothing with which the browser could answer prompts",
  nested: "safe: in cage, a compositor in a window",
};

/**
 * Which display a browser of the default gate would be given.
 * @throws PosternError `internal` when it would be one with which the browser can answer the prompts, accepted or not
 */
export async function checkDisplay(context: Context, display: string): Promise<string> {
  const wish = { display, gate: "default", acceptUnsafe: false };
  const { kind } = await planDisplay(context, wish, AbortSignal.timeout(DEADLINE));
  if (kind !== "unsafe") return FOUND[kind];
  throw new PosternError(
    "internal",
    "Consent is not sound here: with this compositor's socket the browser can press Allow itself. You have accepted that.",
    "To close it: apt-get install cage, then: postern down; postern up",
  );
}
