import type { Context } from "../context.ts";
import { endSession } from "../end-session.ts";
import { print } from "../output.ts";

export async function down(context: Context, options: { json?: true }): Promise<void> {
  const wasUp = await endSession(context);
  print({ wasUp }, options.json === true, () => (wasUp ? "Postern is down.\n" : "Postern was not running.\n"));
}
