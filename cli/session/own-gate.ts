import { join } from "node:path";
import { makeOwnGateDirectory, removeGateDirectory } from "./gate-directory.ts";
import type { Vault } from "./vault.ts";
import type { World } from "./world.ts";

/** A gate for a browser that is not ours, which finds it by its name; disposing of it closes it. */
export async function openOwnGate(world: World, vault: Vault, gate: string): Promise<AsyncDisposable> {
  await using parts = new AsyncDisposableStack();
  const path = join(world.places.runtime, "gates", gate);
  parts.defer(() => removeGateDirectory(path));
  const directory = await makeOwnGateDirectory(path);
  await directory.close();
  await vault.control.order({ type: "openGate", gate });
  parts.defer(async () => {
    // The vault may be gone already, and its gates with it.
    await vault.control.order({ type: "closeGate", gate }).catch(() => undefined);
  });
  const kept = parts.move();
  return { [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
