import type Dockerode from "dockerode";
import { PosternError } from "#protocol/error.ts";
import { KIND_LABEL, OWNER_LABEL, SESSION_LABEL, isOwned, ownership } from "./contained.ts";
import type { Engine } from "./engine.ts";
import { inert } from "./inert.ts";
import type { ContainerSpec } from "./launch-spec.ts";
import { readUpTo, textOf } from "./output.ts";

/** A container that was started; disposing of it stops it, and the engine then removes it. */
export interface Container extends AsyncDisposable {
  readonly id: string;
  readonly name: string;
  readonly image: string;
  /** Resolves when it has ended and is gone. */
  readonly exited: Promise<Exit>;
}

interface Exit {
  code: number;
  /** The end of what its program wrote, or of the first that was read of it; made safe to print. */
  lastLines: string[];
}

const LAST_LINES = 20;
/** It is read for the reasons of a start that fails. */
const MOST_OUTPUT = 64 * 1024;
const REMOVED = { condition: "removed" } as const;

/**
 * Creates and starts a container. One of the same name and owner is a crashed session's, and is removed first.
 * @throws PosternError `internal` when the engine refuses it; the signal's reason
 */
export async function startContainer(engine: Engine, spec: ContainerSpec, signal: AbortSignal): Promise<Container> {
  signal.throwIfAborted();
  const container = await create(engine, { ...spec, Labels: { ...spec.Labels, ...ownership(engine) } });
  try {
    // Both before the start: a log is not kept, and a short life must not be missed.
    const output = await followLines(container);
    const ended: Promise<{ StatusCode: number }> = container.wait(REMOVED);
    const exited = ended.then(async ({ StatusCode }) => ({ code: StatusCode, lastLines: await output.lastLines() }));
    exited.catch(() => undefined);
    await container.start();
    signal.throwIfAborted();
    const stop = (): Promise<void> => remove(engine, container.id);
    const { name = container.id, Image: image = "" } = spec;
    return { id: container.id, name, image, exited, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await remove(engine, container.id);
    signal.throwIfAborted();
    throw refused(error, spec);
  }
}

/**
 * Removes every container of a session, and their networks, that may still be there, after a crash for one.
 * @returns whether there were any
 */
export async function removeLeftovers(engine: Engine, session: string): Promise<boolean> {
  const filters = { label: [KIND_LABEL, `${SESSION_LABEL}=${session}`, `${OWNER_LABEL}=${engine.owner}`] };
  const found = await engine.listContainers({ all: true, filters });
  await Promise.all(found.map(({ Id }) => remove(engine, Id)));
  const networks = await engine.listNetworks({ filters });
  await Promise.all(networks.map(({ Id }) => engine.getNetwork(Id).remove()));
  return found.length + networks.length > 0;
}

async function create(engine: Engine, spec: ContainerSpec): Promise<Dockerode.Container> {
  try {
    return await engine.createContainer(spec);
  } catch (error) {
    if (statusOf(error) !== 409 || spec.name === undefined) throw refused(error, spec);
  }
  const { Id, Config } = await engine.getContainer(spec.name).inspect();
  if (!isOwned(engine, Config.Labels)) throw othersName(spec.name);
  await remove(engine, Id);
  try {
    return await engine.createContainer(spec);
  } catch (error) {
    throw refused(error, spec);
  }
}

/** Stops it in good order, and waits until it is gone. */
async function remove(engine: Engine, idOrName: string): Promise<void> {
  const container = engine.getContainer(idOrName);
  const gone = container.wait(REMOVED).catch(() => undefined);
  // Each fails when it has stopped, or is gone or going, already: all that counts is that it is gone in the end.
  await container.stop().catch(() => undefined);
  await container.remove({ force: true }).catch(() => undefined);
  await gone;
}

/** @returns what waits for the end of what is read of its output, which may come after the container's own */
async function followLines(container: Dockerode.Container): Promise<{ lastLines: () => Promise<string[]> }> {
  const attached = await container.attach({ stream: true, stdout: true, stderr: true });
  const read = readUpTo(MOST_OUTPUT, attached);
  return {
    lastLines: async () => {
      const lines = textOf((await read).pieces).split("\n");
      return lines
        .filter((line) => line !== "")
        .slice(-LAST_LINES)
        .map(inert);
    },
  };
}

function othersName(name: string): PosternError {
  const message = `There is a container ${name} that Postern did not start for you.`;
  return new PosternError("internal", message, `See whose it is: docker inspect ${name}`);
}

function refused(error: unknown, { name = "", Image: image = "" }: ContainerSpec): PosternError {
  if (error instanceof PosternError) return error;
  if (statusOf(error) === 404) return new PosternError("internal", `There is no image ${image}.`, "Run: postern up");
  const message = `The container engine would not start ${name}.`;
  return new PosternError("internal", message, "The engine's own log says why: journalctl --unit docker");
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
}
