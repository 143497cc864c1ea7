import type { Context } from "../context.ts";
import { print } from "../output.ts";
import { connectSession } from "../session-client.ts";

export async function down({ places, uid }: Context, options: { json?: true }): Promise<void> {
  const session = await connectSession(places, uid);
  await session?.ask({ type: "down" });
  session?.close();
  const wasUp = session !== undefined;
  print({ wasUp }, options.json === true, () => (wasUp ? "Postern is down.\n" : "Postern was not running.\n"));
}
