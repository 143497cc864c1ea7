import { PosternError } from "#protocol/error.ts";
import { GIB, OWNER_LABEL, isOwned, ownership } from "./contained.ts";
import type { Engine } from "./engine.ts";

// The volumes that hold the browsers' profiles. Several people may use one engine: a volume bears its owner's number in
// its name and in a label, and one that does not bear both is not mounted and not removed.

/** More than any profile needs, cache and all. */
const LARGEST_PROFILE = 4 * GIB;

export function profileName(owner: number, gate: string): string {
  return `${prefixOf(owner)}${gate}`;
}

/**
 * Makes the volume of a gate's profile, or finds it. Its size is limited where the engine's disk knows quotas by
 * project; where it does not, the engine makes no such volume, and it gets one without a limit.
 * @returns its name
 * @throws PosternError `internal` when it is somebody else's or the engine makes none
 */
export async function ensureProfile(engine: Engine, gate: string): Promise<string> {
  const name = profileName(engine.owner, gate);
  const wanted = { Name: name, Labels: ownership(engine) };
  try {
    // The engine leaves one that there is as it is.
    await engine
      .createVolume({ ...wanted, DriverOpts: { size: String(LARGEST_PROFILE) } })
      .catch(() => engine.createVolume(wanted));
    const { Labels } = await engine.getVolume(name).inspect();
    if (isOwned(engine, Labels)) return name;
  } catch {
    const message = `The container engine would not make the volume ${name}.`;
    throw new PosternError("internal", message, "The engine's own log says why: journalctl --unit docker");
  }
  throw new PosternError(
    "internal",
    `The volume ${name} is not one that Postern made for you, so the browser was not started.`,
    `See whose it is: docker volume inspect ${name}; or use another gate: postern up NAME`,
  );
}

/** The names of the owner's volumes. */
export async function profileVolumes(engine: Engine): Promise<string[]> {
  const prefix = prefixOf(engine.owner);
  const filters = { name: [prefix], label: [`${OWNER_LABEL}=${engine.owner}`] };
  const { Volumes } = await engine.listVolumes({ filters });
  // The engine looks for the name anywhere in the whole.
  return Volumes.map(({ Name }) => Name).filter((name) => name.startsWith(prefix));
}

/** @throws the engine's error when one is in use */
export async function removeVolumes(engine: Engine, names: readonly string[]): Promise<void> {
  for (const name of names) await engine.getVolume(name).remove();
}

function prefixOf(owner: number): string {
  return `postern-profile-${owner}-`;
}
