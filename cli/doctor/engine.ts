import { connectEngine } from "#container/engine.ts";
import { isSessionStatusResult } from "#protocol/generated/control.ts";
import { parseWith } from "#protocol/messages.ts";
import type { Context } from "../context.ts";
import { connectSession } from "../session-client.ts";

/** @throws PosternError when there is none, and it is needed */
export async function checkEngine(context: Context): Promise<string> {
  if (await runsAsService(context)) return "not needed: the broker is a service of systemd";
  const engine = await connectEngine(context.environment);
  return `answers, version ${(await engine.version()).Version}`;
}

/** Whether there is a store that is served without a container. */
async function runsAsService({ places, uid }: Context): Promise<boolean> {
  // What is wrong with its socket is told elsewhere.
  const session = await connectSession(places, uid).catch(() => undefined);
  if (session === undefined) return false;
  try {
    const { stores, containers } = parseWith(isSessionStatusResult, "status", await session.ask({ type: "status" }));
    return stores.length > 0 && containers.length === 0;
  } catch {
    return false;
  } finally {
    session.close();
  }
}
