import { join } from "node:path";
import { removeLeftovers } from "#container/containers.ts";
import { connectEngine } from "#container/engine.ts";
import { sessionName } from "#container/launch-spec.ts";
import type { Context } from "../context.ts";
import { print } from "../output.ts";
import { connectSession } from "../session-client.ts";

export async function down(context: Context, options: { json?: true }): Promise<void> {
  const session = await connectSession(context.places, context.uid);
  await session?.ask({ type: "down" });
  session?.close();
  const wasUp = session === undefined ? await endLeftovers(context) : true;
  print({ wasUp }, options.json === true, () => (wasUp ? "Postern is down.\n" : "Postern was not running.\n"));
}

/** A session process that was killed left its containers running. Without an engine none runs. */
async function endLeftovers({ places, environment }: Context): Promise<boolean> {
  const engine = await connectEngine(environment).catch(() => undefined);
  return engine !== undefined && (await removeLeftovers(engine, sessionName(join(places.runtime, "gates"))));
}
