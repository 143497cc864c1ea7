import { rm } from "node:fs/promises";
import { confirm, isCancel } from "@clack/prompts";
import { OWNER_LABEL } from "#container/contained.ts";
import { type Engine, connectEngine } from "#container/engine.ts";
import { removeImages } from "#container/removal.ts";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { endSession } from "../end-session.ts";
import { requirePrivateDirectory } from "../places.ts";
import { type Belonging, findBelongings } from "./belongings.ts";

export interface Removed {
  removed: string[];
  /** What is still there, with the command that removes it. */
  kept: { what: string; command: string }[];
}

/**
 * Ends all that runs, then removes what it ran from and left: containers, networks and images without a question, since
 * they are made anew; the rest when a person says so.
 * @param isAgreed `--yes`
 */
export async function removeAll(context: Context, isAgreed: boolean): Promise<Removed> {
  const { places, uid, environment } = context;
  const engine = await connectEngine(environment).catch(() => undefined);
  const belongings = await findBelongings(context, engine);
  // All questions come first: whoever breaks off has lost nothing.
  const wanted = new Set<Belonging>();
  for (const belonging of belongings) if (await isToGo(belonging, context, isAgreed)) wanted.add(belonging);

  const result: Removed = { removed: [], kept: [] };
  await endSession(context);
  await removeFrom(engine, uid, result);
  for (const belonging of belongings) {
    const { what, command, remove } = belonging;
    const isGone =
      wanted.has(belonging) &&
      (await remove().then(
        () => true,
        () => false,
      ));
    if (isGone) result.removed.push(what);
    else result.kept.push({ what, command });
  }
  if (await requirePrivateDirectory(places.runtime, uid)) await rm(places.runtime, { recursive: true, force: true });
  return result;
}

async function isToGo({ what, isOurs }: Belonging, { isInteractive }: Context, isAgreed: boolean): Promise<boolean> {
  if (isAgreed && isOurs) return true;
  if (!isInteractive) return false;
  const answer = await confirm({ message: `Remove ${what}?`, initialValue: false, output: process.stderr });
  if (isCancel(answer))
    throw new PosternError("cancelled", "Nothing was removed.", "See what there is: postern status");
  return answer;
}

async function removeFrom(engine: Engine | undefined, uid: number, { removed, kept }: Removed): Promise<void> {
  if (engine === undefined) {
    const what = "images and browser profiles, if there are any: no container engine answers";
    const ofOwner = `--filter label=${OWNER_LABEL}=${uid}`;
    kept.push({ what, command: `docker image ls ${ofOwner}; docker volume ls ${ofOwner}` });
    return;
  }
  const images = await removeImages(engine);
  removed.push(...images.removed.map((name) => `the image ${name}`));
  kept.push(...images.kept.map((name) => ({ what: `the image ${name}, in use`, command: `docker image rm ${name}` })));
}
