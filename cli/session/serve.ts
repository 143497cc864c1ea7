import { join } from "node:path";
import { connectEngine } from "#container/engine.ts";
import { ensureImage } from "#container/images.ts";
import type { ServeResult, SessionEvent, SessionOrder } from "#protocol/generated/control.ts";
import { PROXY_GATE } from "#protocol/names.ts";
import { readConfiguration } from "#wire/config.ts";
import { openOwnGate } from "./own-gate.ts";
import type { Running } from "./session.ts";
import { createSteps } from "./steps.ts";
import { useVault } from "./use-vault.ts";
import type { World } from "./world.ts";

/** The vault, and a gate for a browser that is not ours: what runs or is open already is used. */
export async function serve(
  world: World,
  running: Running,
  order: Extract<SessionOrder, { type: "serve" }>,
  signal: AbortSignal,
  tell: (event: SessionEvent) => void,
): Promise<ServeResult> {
  const { step, onProgress } = createSteps(signal, tell);
  const { gate } = order;
  const engine = await step("engine", () => connectEngine(world.environment));
  const image = await step("vault image", () =>
    ensureImage({ engine, kind: "vault", files: world.bundles, onProgress, signal }),
  );
  const isFirst = running.vault === undefined;
  const vault = await step("vault", () => useVault(world, engine, running, image.id, order, signal));
  await step("gate", async () => {
    for (const name of [gate, ...(await proxyGate(world))]) {
      if (!running.ownGates.has(name)) running.ownGates.set(name, await openOwnGate(world, vault, name));
    }
  });
  return { engine: "docker", route: "socket", gate, attached: isFirst && vault.needsTerminal };
}

/** Any application on the session bus may speak there, so it is opened for those who write of it in config.toml. */
async function proxyGate({ places }: World): Promise<string[]> {
  const { gates = {} } = await readConfiguration(join(places.config, "config.toml"));
  return PROXY_GATE in gates ? [PROXY_GATE] : [];
}
