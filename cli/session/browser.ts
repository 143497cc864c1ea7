import { join } from "node:path";
import { type Container, startContainer } from "#container/containers.ts";
import type { Engine } from "#container/engine.ts";
import { firefoxSpec, sessionName } from "#container/launch-spec.ts";
import { openNetwork } from "#container/network.ts";
import { makeGateDirectory, removeGateDirectory } from "./gate-directory.ts";
import type { Vault } from "./vault.ts";
import { type World, browserUser } from "./world.ts";

export interface Browser extends AsyncDisposable {
  readonly gate: string;
  readonly container: Container;
  readonly network: Network;
}

export type Network = "none" | "internet";

/** Opens a gate and starts its sandboxed browser; disposing of it ends both. */
export async function startBrowser(
  world: World,
  engine: Engine,
  vault: Vault,
  { image, gate, network }: { image: string; gate: string; network: Network },
  signal: AbortSignal,
): Promise<Browser> {
  await using parts = new AsyncDisposableStack();
  const sandboxed = browserUser(world);
  const gates = join(world.places.runtime, "gates");
  const path = join(gates, gate);
  parts.defer(() => removeGateDirectory(path));
  // Held open, so that no other can come to have its number.
  const directory = parts.use(await makeGateDirectory(path, world.uid, sandboxed.gid));
  const { dev, ino } = await directory.stat({ bigint: true });
  await vault.control.order({ type: "openGate", gate });
  parts.defer(async () => {
    // The vault may be gone already, and its gates with it.
    await vault.control.order({ type: "closeGate", gate }).catch(() => undefined);
  });
  const user = `${sandboxed.uid}:${sandboxed.gid}`;
  const session = sessionName(gates);
  if (network === "internet") parts.use(await openNetwork(engine, { image, gate, session, user }, signal));
  const spec = firefoxSpec({
    image,
    gate,
    user,
    gateDirectory: path,
    gateIdentity: `${dev}:${ino}`,
    profile: { volume: `postern-profile-${gate}` },
    network,
    headless: true,
  });
  const container = parts.use(await startContainer(engine, spec, signal));
  const kept = parts.move();
  return { gate, container, network, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
