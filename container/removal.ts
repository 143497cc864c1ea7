import { IMAGE_LABEL, OWNER_LABEL } from "./contained.ts";
import type { Engine } from "./engine.ts";

/** What the images are called that are made here. */
const IMAGES = /^postern\/(?:firefox|vault|base):/;

/**
 * Removes the images that Postern made for this user, but for those that something still runs from.
 * @returns the names of those that were removed, and of those that were not
 */
export async function removeImages(engine: Engine): Promise<{ removed: string[]; kept: string[] }> {
  const ofOwner = `${OWNER_LABEL}=${engine.owner}`;
  const images = await engine.listImages({ filters: { label: [ofOwner] } });
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
  await engine.pruneImages({ filters: { dangling: ["true"], label: [IMAGE_LABEL, ofOwner] } }).catch(() => undefined);
  return { removed, kept };
}
