import { addAbortSignal } from "node:stream";
import type { ImageInspectInfo } from "dockerode";
import { PosternError } from "#protocol/error.ts";
import { bootstrapImage, canBootstrap } from "./bootstrap.ts";
import { followOutput } from "./build-output.ts";
import { isOwned } from "./contained.ts";
import type { Engine } from "./engine.ts";

export interface ImageStep {
  engine: Engine;
  /** Told, line by line, what is being done. */
  onProgress: (text: string) => void;
  signal: AbortSignal;
}

export interface BaseImage {
  reference: string;
  id: string;
}

const SUITE = "bookworm";
/** Made here from Debian's packages. It carries the mirror's name inside, so it is never published. */
const own = ({ owner }: Engine) => ({ repo: "postern/base", tag: `uid-${owner}-${SUITE}` });
const FROM_A_REGISTRY = `debian:${SUITE}-slim`;

/**
 * The minimal Debian that both images stand on: from Debian's signed packages where this machine can make it, so that
 * no container registry has to be trusted or reached; else the slim image of a registry. A user who is not root may
 * have mmdebstrap and still lack what it needs (uidmap, or user namespaces).
 * @throws PosternError `internal` when it can neither be made nor fetched; the signal's reason
 */
export async function ensureBaseImage(step: ImageStep): Promise<BaseImage> {
  const made = await findOwn(step.engine);
  if (made !== undefined) return made;
  if ((await canBootstrap()) && (await bootstrap(step))) return required(await findOwn(step.engine));
  const fetched = await find(step.engine, FROM_A_REGISTRY);
  if (fetched !== undefined) return fetched;
  await fetchImage(step);
  return required(await find(step.engine, FROM_A_REGISTRY));
}

/**
 * Makes or fetches the base again, whatever there is; the one before stays until no image stands on it.
 * @throws PosternError `internal` when it can neither be made nor fetched, and then all is as before; the signal's reason
 */
export async function renewBaseImage(step: ImageStep): Promise<void> {
  if ((await canBootstrap()) && (await bootstrap(step))) return;
  await fetchImage(step);
  // Else an old one made here would come before it.
  const made = await findOwn(step.engine);
  if (made === undefined) return;
  await step.engine
    .getImage(made.reference)
    .remove({ force: true })
    .catch(() => undefined);
}

async function findOwn(engine: Engine): Promise<BaseImage | undefined> {
  const { repo, tag } = own(engine);
  return await find(engine, `${repo}:${tag}`, ({ Config }) => isOwned(engine, Config.Labels));
}

async function find(
  engine: Engine,
  reference: string,
  isWanted: (image: ImageInspectInfo) => boolean = () => true,
): Promise<BaseImage | undefined> {
  const found = await engine
    .getImage(reference)
    .inspect()
    .catch(() => undefined);
  return found === undefined || !isWanted(found) ? undefined : { reference, id: found.Id };
}

function required(found: BaseImage | undefined): BaseImage {
  if (found === undefined) throw notMade();
  return found;
}

/** @returns whether it could be made */
async function bootstrap({ engine, onProgress, signal }: ImageStep): Promise<boolean> {
  try {
    const id = await bootstrapImage(engine, SUITE, onProgress, signal);
    await engine.getImage(id).tag(own(engine));
    return true;
  } catch {
    signal.throwIfAborted();
    return false;
  }
}

async function fetchImage({ engine, onProgress, signal }: ImageStep): Promise<void> {
  onProgress(`Fetching ${FROM_A_REGISTRY}`);
  try {
    const pulled = await engine.pull(FROM_A_REGISTRY, { abortSignal: signal });
    await followOutput(engine, addAbortSignal(signal, pulled), onProgress);
  } catch {
    signal.throwIfAborted();
    throw notMade();
  }
}

function notMade(): PosternError {
  return new PosternError(
    "internal",
    "The images' base, a minimal Debian, could not be made.",
    `See that the network works; on Debian install mmdebstrap, elsewhere try: docker pull ${FROM_A_REGISTRY}`,
  );
}
