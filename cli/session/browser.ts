import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rmdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { type Container, startContainer } from "#container/containers.ts";
import type { Engine } from "#container/engine.ts";
import { firefoxSpec, sessionName } from "#container/launch-spec.ts";
import { openNetwork } from "#container/network.ts";
import { PosternError } from "#protocol/error.ts";
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
  const gates = join(world.places.runtime, "gates");
  const path = join(gates, gate);
  parts.defer(() => removeGateDirectory(path));
  // Held open, so that no other can come to have its number.
  const directory = parts.use(await makeGateDirectory(path, world.uid, gid));
  const { dev, ino } = await directory.stat({ bigint: true });
  await vault.control.order({ type: "openGate", gate });
  parts.defer(async () => {
    // The vault may be gone already, and its gates with it.
    await vault.control.order({ type: "closeGate", gate }).catch(() => undefined);
  });
  const user = `${uid}:${gid}`;
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

/**
 * The vault may write the directory of all gates, and so put something else in the place of one. What was made here is
 * therefore changed by its descriptor only. Its group is the sandbox's, where that is not the user's own: the broker
 * gives the socket the same.
 */
async function makeGateDirectory(path: string, uid: number, gid: number): Promise<FileHandle> {
  await removeGateDirectory(path);
  const directory = await make(path);
  if (uid !== 0) return directory;
  await directory.chown(uid, gid);
  await directory.chmod(0o2750);
  return directory;
}

async function make(path: string): Promise<FileHandle> {
  try {
    await mkdir(path, { mode: 0o700 });
    return await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  } catch {
    throw new PosternError("internal", `The gate's directory ${path} can not be made.`, "Begin anew: postern down");
  }
}

/** Not a tree: one that is exchanged for a link on the way would be somebody else's. */
async function removeGateDirectory(path: string): Promise<void> {
  await unlink(path).catch(() => undefined);
  await unlink(join(path, "bridge.sock")).catch(() => undefined);
  await rmdir(path).catch(() => undefined);
}
