import type { Engine } from "./engine.ts";
import { IMAGE_LABEL } from "./contained.ts";

/** What the images are called that are made here. */
const IMAGES = /^postern\/(?:firefox|vault|base):/;
const PROFILES = "postern-profile-";

/**
 * Removes all images of Postern's own, but for those that something still runs from.
 * @returns the names of those that were removed, and of those that were not
 */
export async function removeImages(engine: Engine): Promise<{ removed: string[]; kept: string[] }> {
  const images = await engine.listImages();
  const names = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((name) => IMAGES.test(name));
  const [removed, kept]: [string[], string[]] = [[], []];
  // One after the other: the base goes after what stands on it.
  for (const name of names.toSorted().toReversed()) {
    await engine
      .getImage(name)
      .remove()
      .then(
        () => removed.push(name),
        () => kept.push(name),
      );
  }
  await engine.pruneImages({ filters: { dangling: ["true"], label: [IMAGE_LABEL] } }).catch(() => undefined);
  return { removed, kept };
}

/** The volumes that hold the browsers' profiles. */
export async function profileVolumes(engine: Engine): Promise<string[]> {
  const { Volumes } = await engine.listVolumes({ filters: { name: [PROFILES] } });
  // The engine looks for the name anywhere in the whole.
  return Volumes.map(({ Name }) => Name).filter((name) => name.startsWith(PROFILES));
}

/** @throws the engine's error when one is in use */
export async function removeVolumes(engine: Engine, names: readonly string[]): Promise<void> {
  for (const name of names) await engine.getVolume(name).remove();
}
