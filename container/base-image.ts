import { addAbortSignal } from "node:stream";
import { PosternError } from "#protocol/error.ts";
import { bootstrapImage, canBootstrap } from "./bootstrap.ts";
import { followOutput } from "./build-output.ts";
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
const OWN = { repo: "postern/base", tag: SUITE };
const FROM_A_REGISTRY = `debian:${SUITE}-slim`;

/**
 * The minimal Debian that both images stand on: from Debian's signed packages where this machine can make it, so that
 * no container registry has to be trusted or reached; else the slim image of a registry. A user who is not root may
 * have mmdebstrap and still lack what it needs (uidmap, or user namespaces).
 * @throws PosternError `internal` when it can neither be made nor fetched; the signal's reason
 */
export async function ensureBaseImage(step: ImageStep): Promise<BaseImage> {
  const own = `${OWN.repo}:${OWN.tag}`;
  const made = await find(step.engine, own);
  if (made !== undefined) return made;
  if ((await canBootstrap()) && (await bootstrap(step))) return await requireImage(step.engine, own);
  const fetched = await find(step.engine, FROM_A_REGISTRY);
  if (fetched !== undefined) return fetched;
  await fetchImage(step);
  return await requireImage(step.engine, FROM_A_REGISTRY);
}

/**
 * Makes or fetches the base again, whatever there is; the one before stays until no image stands on it.
 * @throws PosternError `internal` when it can neither be made nor fetched, and then all is as before; the signal's reason
 */
export async function renewBaseImage(step: ImageStep): Promise<void> {
  if ((await canBootstrap()) && (await bootstrap(step))) return;
  await fetchImage(step);
  // Else an old one made here would come before it.
  await step.engine
    .getImage(`${OWN.repo}:${OWN.tag}`)
    .remove({ force: true })
    .catch(() => undefined);
}

async function find(engine: Engine, reference: string): Promise<BaseImage | undefined> {
  const found = await engine
    .getImage(reference)
    .inspect()
    .catch(() => undefined);
  return found === undefined ? undefined : { reference, id: found.Id };
}

async function requireImage(engine: Engine, reference: string): Promise<BaseImage> {
  const found = await find(engine, reference);
  if (found === undefined) throw notMade();
  return found;
}

/** @returns whether it could be made */
async function bootstrap({ engine, onProgress, signal }: ImageStep): Promise<boolean> {
  try {
    const id = await bootstrapImage(engine, SUITE, onProgress, signal);
    await engine.getImage(id).tag(OWN);
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
