import { readReceipt, removeFiles } from "#manifests/installation.ts";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { planInstallation } from "../install/plan.ts";
import { removeProgram } from "../install/program-folder.ts";
import { print } from "../output.ts";
import { connectSession } from "../session-client.ts";

export interface UninstallOptions {
  json?: true;
}

/** Takes out what `install` wrote. */
export async function uninstall(context: Context, options: UninstallOptions): Promise<void> {
  const session = await connectSession(context.places, context.uid);
  session?.close();
  if (session !== undefined) {
    throw new PosternError("busy", "Postern is running.", "End it first with: postern down");
  }
  const { wasInstalled, left } = await takeOut(context);
  print({ wasInstalled, left }, options.json === true, () =>
    [
      wasInstalled ? "Postern is no longer set up in your session." : "Postern was not set up in your session.",
      ...left.map((path) => `Left alone, since it is not as postern install wrote it: ${path}`),
      ...(wasInstalled ? ["Remove the extension in each browser that you added it to."] : []),
      "",
    ].join("\n"),
  );
}

/** @returns which files were left alone */
async function takeOut(context: Context): Promise<{ wasInstalled: boolean; left: string[] }> {
  const plan = await planInstallation(context, []);
  const wasInstalled = (await readReceipt(plan.home, plan.receipt)) !== undefined;
  if (!wasInstalled) return { wasInstalled, left: [] };
  await removeProgram(plan.home, plan.program.path, ["place", "old", "fresh"]);
  return { wasInstalled, left: await removeFiles(plan) };
}
