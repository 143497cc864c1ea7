import { join } from "node:path";
import { type Container, startContainer } from "#container/containers.ts";
import { closeDownloads } from "#container/downloads.ts";
import type { Engine } from "#container/engine.ts";
import type { BuiltImage } from "#container/images.ts";
import { type FirefoxWindow, firefoxSpec, sessionName } from "#container/launch-spec.ts";
import { openNetwork } from "#container/network.ts";
import { ensureProfile } from "#container/profiles.ts";
import type { Surroundings } from "#protocol/generated/control.ts";
import type { DisplayKind } from "../display/choose.ts";
import { openDisplay } from "../display/open.ts";
import { ensureDownloads } from "./downloads.ts";
import { makeGateDirectory, removeGateDirectory } from "./gate-directory.ts";
import { openSound } from "./sound.ts";
import type { Vault } from "./vault.ts";
import { type World, browserUser } from "./world.ts";
import { writeNote } from "../output.ts";

export interface Browser extends AsyncDisposable {
  readonly gate: string;
  readonly container: Container;
  readonly network: Network;
  /** Its profile lies in memory. */
  readonly ephemeral: boolean;
  /** When the packages in its image were fetched. */
  readonly packages: Date;
  /** The kind of its display, where it has a window. */
  readonly display: DisplayKind | undefined;
}

export interface BrowserOrder {
  image: BuiltImage;
  gate: string;
  network: Network;
  ephemeral: boolean;
  surroundings: Surroundings;
  /** The user's compositor, where its window goes, and what that shows first; without, it is headless. */
  window: { display: string; shown: Pick<FirefoxWindow, "page" | "loginPagePort"> } | undefined;
}

export type Network = "none" | "internet";

/** Opens a gate and starts its sandboxed browser; disposing of it ends both. */
export async function startBrowser(
  world: World,
  engine: Engine,
  vault: Vault,
  { image: { id: image, packages }, gate, network, ephemeral, surroundings, window }: BrowserOrder,
  signal: AbortSignal,
): Promise<Browser> {
  await using parts = new AsyncDisposableStack();
  const inside = browserUser(world);
  // Before anything is started: most often it is what is missing.
  const wish = window === undefined ? undefined : { display: window.display, gate, image };
  const display = wish === undefined ? undefined : parts.use(await openDisplay(world, engine, wish, signal));
  const gates = join(world.places.runtime, "gates");
  const path = join(gates, gate);
  parts.defer(() => removeGateDirectory(path));
  // Held open, so that no other can come to have its number.
  const directory = parts.use(await makeGateDirectory(path, world.uid, inside.gid));
  const { dev, ino } = await directory.stat({ bigint: true });
  await vault.control.order({ type: "openGate", gate });
  parts.defer(async () => {
    // The vault may be gone already, and its gates with it.
    await vault.control.order({ type: "closeGate", gate }).catch(() => undefined);
  });
  const user = `${inside.uid}:${inside.gid}`;
  const session = sessionName(gates);
  const lapsed = (): void => {
    writeNote(`postern: The network of the gate ${gate} is closed: its rules could not be renewed.\n`);
  };
  if (network === "internet") parts.use(await openNetwork(engine, { image, gate, session, user, lapsed }, signal));
  const downloads = await ensureDownloads(surroundings.downloads, gate, inside);
  const { sound } = surroundings;
  const relay =
    sound === undefined
      ? undefined
      : parts.use(await openSound(world, engine, { image, gate, session, sound }, signal));
  const spec = firefoxSpec({
    image,
    gate,
    user,
    gateDirectory: path,
    gateIdentity: `${dev}:${ino}`,
    profile: ephemeral ? "ephemeral" : { volume: await ensureProfile(engine, gate) },
    network,
    desktop: surroundings,
    downloads,
    sound: relay?.directory,
    headless: display === undefined,
    ...(display === undefined ? {} : { window: { socket: display.socket, kind: display.kind, ...window?.shown } }),
  });
  const container = parts.use(await startContainer(engine, spec, signal));
  await closeDownloads(engine, container, { image, gate, session }, signal);
  const kept = parts.move();
  const end = (): Promise<void> => kept.disposeAsync();
  // A nested compositor that ends, for one because its window was closed, is the end of the browser in it.
  display?.ended?.addEventListener("abort", () => void container[Symbol.asyncDispose](), { once: true });
  return { gate, container, network, ephemeral, packages, display: display?.kind, [Symbol.asyncDispose]: end };
}
