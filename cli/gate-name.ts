import { PosternError } from "#protocol/error.ts";
import { isGateName } from "#protocol/generated/control.ts";

/**
 * @param example a command with a gate
 * @param before what to say before the hint: what else the word may have been meant for
 * @throws PosternError `bad_message`
 */
export function requireGateName(name: string, example: string, before = ""): void {
  const isSound: boolean = isGateName(name);
  if (isSound) return;
  throw new PosternError(
    "bad_message",
    `${name} can not be a gate's name.`,
    `${before}A gate has at most 32 lower-case letters, digits and hyphens: ${example}`,
  );
}
