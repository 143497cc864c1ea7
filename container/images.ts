import { addAbortSignal } from "node:stream";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { type ImageStep, ensureBaseImage } from "./base-image.ts";
import { followOutput } from "./build-output.ts";
import { IMAGE_LABEL, KIND_LABEL, OWNER_LABEL, isOwned } from "./contained.ts";
import type { Engine } from "./engine.ts";
import { type ImageContext, type ImageKind, gatherContext } from "./image-context.ts";

export interface ImageOptions extends ImageStep {
  kind: ImageKind;
  /** The folder of the bundles. */
  files: string;
  /** Build it whether or not there is one, from packages as they are now. */
  anew?: boolean;
}

export interface BuiltImage {
  reference: string;
  id: string;
  /** When the packages in it were fetched. */
  packages: Date;
  /** Whether it was built now, and not found. */
  built: boolean;
}

/** On the image: of what it was built from. */
const DIGEST = "io.github.postern.digest";
/** The step of every Dockerfile that fetches packages, as the engine's history of an image shows it. */
const FETCH = "apt-get update";

/**
 * The image of the browser or of the vault: as it is, if it was built from the same base and files; else built anew.
 * A build that fails or is aborted leaves the old image in its place and nothing else.
 * @throws PosternError `internal` when it can not be built; the signal's reason
 */
export async function ensureImage(options: ImageOptions): Promise<BuiltImage> {
  const { engine, kind, files } = options;
  const base = await ensureBaseImage(options);
  // The Node that runs this is the pinned one, and so the one for the containers.
  await using context = await gatherContext(kind, files, process.execPath, base.id);
  const found = options.anew === true ? undefined : await findImage(engine, kind, context.digest);
  if (found !== undefined) return { ...found, built: false };
  await build(options, context, base.reference);
  const built = await findImage(engine, kind, context.digest);
  if (built === undefined) throw notBuilt(kind, "");
  return { ...built, built: true };
}

/** Of one user: several may use one engine, and each trusts none but their own. */
export function imageName(owner: number, kind: ImageKind): string {
  return `postern/${kind}:uid-${owner}`;
}

function ofOwner({ owner }: Engine): string {
  return `${OWNER_LABEL}=${owner}`;
}

async function findImage(
  engine: Engine,
  kind: ImageKind,
  digest: string,
): Promise<Omit<BuiltImage, "built"> | undefined> {
  const reference = imageName(engine.owner, kind);
  const found = await engine
    .getImage(reference)
    .inspect()
    .catch(() => undefined);
  if (found?.Config.Labels?.[DIGEST] !== digest || !isOwned(engine, found.Config.Labels)) return undefined;
  const history: { Created: number; CreatedBy: string }[] = await engine.getImage(found.Id).history();
  const fetched = history.find(({ CreatedBy }) => CreatedBy.includes(FETCH));
  const packages = fetched === undefined ? new Date(found.Created) : new Date(fetched.Created * 1000);
  return { reference, id: found.Id, packages };
}

async function build(
  { engine, kind, onProgress, signal, anew = false }: ImageOptions,
  context: ImageContext,
  base: string,
): Promise<void> {
  let step = "";
  const onLine = (line: string): void => {
    if (/^Step \d+\/\d+ :/.test(line)) step = line;
    onProgress(line);
  };
  // One owner and one mode, whatever the checkout's umask was: the containers' users must be able to read all of it.
  // Times are kept: by the extension's, a profile that was made with an older image sees that it is another.
  const plain = ["--owner=0", "--group=0", "--numeric-owner", "--mode=0755"];
  const archive = execa("tar", ["--create", "--dereference", ...plain, "--directory", context.directory, "."], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "ignore",
    buffer: false,
    cancelSignal: signal,
  });
  archive.catch(() => undefined);
  try {
    const output = await engine.buildImage(archive.stdout, {
      t: imageName(engine.owner, kind),
      buildargs: { BASE: base, OWNER: String(engine.owner) },
      labels: { [DIGEST]: context.digest },
      nocache: anew,
      rm: true,
      forcerm: true,
      abortSignal: signal,
    });
    await followOutput(engine, addAbortSignal(signal, output), onLine);
  } catch {
    await removeSteps(engine, kind);
    signal.throwIfAborted();
    throw notBuilt(kind, step);
  } finally {
    archive.kill();
    // The image that lost its tag to the new one, or the first layers of one that never came to be; then the base of
    // the former, when nothing stands on it any more.
    for (const what of [kind, "base"]) {
      const filters = { dangling: ["true"], label: [`${IMAGE_LABEL}=${what}`, ofOwner(engine)] };
      await engine.pruneImages({ filters }).catch(() => undefined);
    }
  }
}

/** The container of the step at which the build ended: the engine takes its time to remove it. */
async function removeSteps(engine: Engine, kind: ImageKind): Promise<void> {
  const containers = await engine.listContainers({
    all: true,
    filters: { label: [`${IMAGE_LABEL}=${kind}`, ofOwner(engine)] },
  });
  const steps = containers.filter(({ Labels }) => Labels[KIND_LABEL] === undefined);
  await Promise.all(
    steps.map(async ({ Id }) => {
      const step = engine.getContainer(Id);
      const gone = step.wait({ condition: "removed" }).catch(() => undefined);
      await step.remove({ force: true }).catch(() => undefined);
      await gone;
    }),
  );
}

function notBuilt(kind: ImageKind, step: string): PosternError {
  const what = kind === "firefox" ? "browser's" : "vault's";
  return new PosternError(
    "internal",
    `The ${what} image could not be built${step === "" ? "" : `, at ${step}`}.`,
    "See that the network works and that the disk is not full, then try again: postern up",
  );
}
