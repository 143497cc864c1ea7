import type { Engine } from "#container/engine.ts";
import type { SessionOrder } from "#protocol/generated/control.ts";
import { reloadConfiguration } from "./reload.ts";
import type { Running } from "./session.ts";
import { type Vault, startVault } from "./vault.ts";
import { whenGone } from "./when-gone.ts";
import type { World } from "./world.ts";

/** The vault that runs, with the configuration as it is now; else one that is started, and takes everything along that needs it when it ends. */
export async function useVault(
  world: World,
  engine: Engine,
  running: Running,
  image: string,
  { stores, gnupg, demo, terminal }: Omit<Extract<SessionOrder, { type: "serve" }>, "id" | "type" | "gate">,
  signal: AbortSignal,
): Promise<Vault> {
  if (running.vault !== undefined) {
    await reloadConfiguration(world.places.config, running.vault.control);
    return running.vault;
  }
  const started = await startVault(world, engine, image, { stores, gnupg, demo, terminal }, signal);
  running.vault = started;
  whenGone(started.container, true, async () => {
    if (running.vault === started) {
      running.vault = undefined;
      // Without a vault their gates lead nowhere.
      const gates = [...running.browsers.values(), ...running.ownGates.values()];
      running.browsers.clear();
      running.ownGates.clear();
      await Promise.all(gates.map((gate) => gate[Symbol.asyncDispose]()));
    }
    await started[Symbol.asyncDispose]();
  });
  return started;
}
