import { join } from "node:path";
import { removeLeftovers } from "#container/containers.ts";
import { connectEngine } from "#container/engine.ts";
import { sessionName } from "#container/launch-spec.ts";
import type { Context } from "./context.ts";
import { connectSession } from "./session-client.ts";

const END_DEADLINE = 10_000;

/**
 * Ends what `up` started, and what a session process that was killed left running.
 * @returns whether there was anything
 */
export async function endSession(context: Context): Promise<boolean> {
  using session = await connectSession(context.places, context.uid);
  if (session === undefined) return await endLeftovers(context);
  const { closed } = session;
  await session.ask({ type: "down" });
  // It closes when all of it has ended.
  const ended = AbortSignal.any([closed, AbortSignal.timeout(END_DEADLINE)]);
  if (!ended.aborted) await new Promise((resolve) => ended.addEventListener("abort", resolve, { once: true }));
  return true;
}

/** Without an engine none runs. */
async function endLeftovers({ places, environment }: Context): Promise<boolean> {
  const engine = await connectEngine(environment).catch(() => undefined);
  return engine !== undefined && (await removeLeftovers(engine, sessionName(join(places.runtime, "gates"))));
}
