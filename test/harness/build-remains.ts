import type { ContainerInfo } from "dockerode";
import type { Engine } from "#container/engine.ts";

type Kind = "firefox" | "vault";

const filtersOf = ({ owner }: Engine, kind: Kind) => ({
  label: [`io.github.postern.image=${kind}`, `io.github.postern.uid=${owner}`],
});

/** What builds of one image left: containers of their steps, and images without a name that no other is built on. */
export async function buildRemains(engine: Engine, kind: Kind): Promise<string[]> {
  const images = await engine.listImages({ filters: { ...filtersOf(engine, kind), dangling: ["true"] } });
  return [...(await buildSteps(engine, kind)), ...images].map(({ Id }) => Id);
}

/** Removes what a run that was killed in mid-build left, so that a test sees its own remains alone. */
export async function clearBuildRemains(engine: Engine, kind: Kind): Promise<void> {
  for (const { Id } of await buildSteps(engine, kind)) await engine.getContainer(Id).remove({ force: true });
  await engine.pruneImages({ filters: { ...filtersOf(engine, kind), dangling: ["true"] } });
}

/** Containers that bear the image's label, and are none of ours. */
export async function buildSteps(engine: Engine, kind: Kind): Promise<ContainerInfo[]> {
  const containers = await engine.listContainers({ all: true, filters: filtersOf(engine, kind) });
  return containers.filter(({ Labels }) => Labels["io.github.postern.kind"] === undefined);
}
