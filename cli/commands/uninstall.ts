import { rmdir } from "node:fs/promises";
import { readReceipt } from "#manifests/below-home.ts";
import { removeFiles } from "#manifests/take-out.ts";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { type Plan, planInstallation } from "../install/plan.ts";
import { removeProgram } from "../install/program-folder.ts";
import { print } from "../output.ts";
import { connectSession } from "../session-client.ts";
import { type Removed, removeAll } from "../uninstall/remove-all.ts";

export interface UninstallOptions {
  all?: true;
  yes?: true;
  json?: true;
}

/** Takes out what `install` wrote; with `--all` also what Postern made or started. */
export async function uninstall(context: Context, options: UninstallOptions): Promise<void> {
  const isAll = options.all === true;
  if (options.yes === true && !isAll) throw yesToNothing();
  if (!isAll) await requireEnded(context);
  const plan = await planInstallation(context, []);
  // Before anything is removed: it may be no receipt.
  const wasInstalled = (await readReceipt(plan.home, plan.receipt)) !== undefined;
  const all = isAll ? await removeAll(context, options.yes === true) : { removed: [], kept: [] };
  const installed = { wasInstalled, left: wasInstalled ? await takeOut(plan) : [] };
  if (isAll) await removeIfEmpty([context.places.config, context.places.data]);
  print(isAll ? { ...installed, ...all } : installed, options.json === true, () =>
    [...reportAll(all), ...report(installed), ""].join("\n"),
  );
}

interface TakenOut {
  wasInstalled: boolean;
  /** Files that were left alone. */
  left: string[];
}

async function takeOut(plan: Plan): Promise<string[]> {
  await removeProgram(plan.home, plan.program.path, ["place", "old", "fresh"]);
  return await removeFiles(plan);
}

/** What holds something else stays. */
async function removeIfEmpty(directories: string[]): Promise<void> {
  for (const path of directories) await rmdir(path).catch(() => undefined);
}

/** What runs may run from what is taken out, and could not be ended by the command any more. */
async function requireEnded({ places, uid }: Context): Promise<void> {
  using session = await connectSession(places, uid);
  if (session !== undefined) throw new PosternError("busy", "Postern is running.", "End it first with: postern down");
}

function yesToNothing(): PosternError {
  const hint = "Leave it out, or remove everything with: postern uninstall --all --yes";
  return new PosternError("bad_message", "Without --all there is nothing that --yes would answer.", hint);
}

function report({ wasInstalled, left }: TakenOut): string[] {
  return [
    wasInstalled ? "Postern is no longer set up in your session." : "Postern was not set up in your session.",
    ...left.map((path) => `Left alone, since it is not as postern install wrote it: ${path}`),
    ...(wasInstalled ? ["Remove the extension in each browser that you added it to."] : []),
  ];
}

function reportAll({ removed, kept }: Removed): string[] {
  return [
    ...removed.map((what) => `Removed ${what}`),
    ...kept.map(({ what, command }) => `Kept ${what}\n  To remove it too: ${command}`),
  ];
}
