import type { Context } from "../context.ts";
import { print } from "../output.ts";
import { requireSession } from "../session-client.ts";

export async function lock(context: Context, options: { json?: true }): Promise<void> {
  await order(context, "lock");
  print({ state: "locked" }, options.json === true, () => "Locked: no browser is answered until postern unlock.\n");
}

export async function unlock(context: Context, options: { json?: true }): Promise<void> {
  await order(context, "unlock");
  print({ state: "ready" }, options.json === true, () => "Unlocked.\n");
}

async function order({ places, uid }: Context, type: "lock" | "unlock"): Promise<void> {
  const session = await requireSession(places, uid);
  await session.ask({ type });
  session.close();
}
