import type { Context } from "./context.ts";
import { requireGateName } from "./gate-name.ts";
import { requireSession } from "./session-client.ts";

/**
 * Has the session process do something about one gate, or about all.
 * @throws PosternError `no_broker` when nothing runs, `bad_message` when there is no such gate
 */
export async function orderAbout(
  { places, uid }: Context,
  type: "lock" | "unlock" | "grants" | "revoke",
  gate: string | undefined,
): Promise<object> {
  if (gate !== undefined) requireGateName(gate, `postern ${type} work`);
  using session = await requireSession(places, uid);
  return await session.ask({ type, ...(gate === undefined ? {} : { gate }) });
}
