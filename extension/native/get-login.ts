import { PosternError } from "#protocol/error.ts";
import type { Entry, GetResult } from "#protocol/messages.ts";
import type { Origin } from "#protocol/origin.ts";
import type { FieldName, Vault } from "./vault.ts";

/** An entry as the person saw it when they chose it. */
export type Choice = Pick<Entry, "handle" | "label" | "username">;

/**
 * Gets fields of the chosen login. A handle dies with its connection: one that the broker no longer knows is looked up
 * anew by what the person saw, once.
 * @throws PosternError
 */
export async function getLogin(
  vault: Vault,
  { choice, origin, fields }: { choice: Choice; origin: Origin; fields: FieldName[] },
  signal: AbortSignal,
): Promise<GetResult> {
  try {
    return await vault.get({ handle: choice.handle, origin, fields }, signal);
  } catch (error) {
    if (!(error instanceof PosternError) || error.code !== "unknown_handle") throw error;
  }
  const { entries } = await vault.find(origin, signal);
  const [same, ...others] = entries.filter(
    ({ label, username }) => label === choice.label && username === choice.username,
  );
  if (same === undefined || others.length > 0) {
    throw new PosternError("unknown_handle", "This login is no longer there.", "Open Postern again and choose anew.");
  }
  return await vault.get({ handle: same.handle, origin, fields }, signal);
}
