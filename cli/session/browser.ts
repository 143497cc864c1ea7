import { chmod, chown, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { type Container, startContainer } from "#container/containers.ts";
import type { Engine } from "#container/engine.ts";
import { firefoxSpec, sessionName } from "#container/launch-spec.ts";
import { openNetwork } from "#container/network.ts";
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
  const { uid, gid } = browserUser(world);
  const gateDirectory = join(world.places.runtime, "gates", gate);
  await makeGateDirectory(gateDirectory, world.uid, gid);
  parts.defer(() => rm(gateDirectory, { recursive: true, force: true }));
  await vault.control.order({ type: "openGate", gate });
  parts.defer(async () => {
    // The vault may be gone already, and its gates with it.
    await vault.control.order({ type: "closeGate", gate }).catch(() => undefined);
  });
  const user = `${uid}:${gid}`;
  const session = sessionName(dirname(gateDirectory));
  if (network === "internet") parts.use(await openNetwork(engine, { image, gate, session, user }, signal));
  const spec = firefoxSpec({
    image,
    gate,
    user,
    gateDirectory,
    profile: { volume: `postern-profile-${gate}` },
    network,
    headless: true,
  });
  const container = parts.use(await startContainer(engine, spec, signal));
  const kept = parts.move();
  return { gate, container, network, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** Its group is the sandbox's, where that is not the user's own: the broker gives the socket the same. */
async function makeGateDirectory(path: string, uid: number, gid: number): Promise<void> {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  if (uid !== 0) return;
  await chown(path, uid, gid);
  await chmod(path, 0o2750);
}
