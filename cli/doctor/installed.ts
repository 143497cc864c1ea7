import { readReceipt } from "#manifests/below-home.ts";
import { compareFiles } from "#manifests/installation.ts";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { planInstallation } from "../install/plan.ts";
import { compareProgram } from "../install/program-folder.ts";

/** Whether what `postern install` wrote is as this Postern would write it. @throws PosternError `internal` */
export async function checkInstalled(context: Context): Promise<string> {
  const plan = await planInstallation(context, []);
  if ((await readReceipt(plan.home, plan.receipt)) === undefined) return "not set up in browsers of your own";
  const states = await compareFiles(plan, plan.files);
  states.set(plan.program.path, await compareProgram(plan.program));
  const [wrong] = [...states].filter(([, state]) => state !== "same");
  if (wrong === undefined) return `for ${plan.browsers.map(({ title }) => title).join(", ") || "no browser"}`;
  const [path, state] = wrong;
  const what = state === "new" ? "is missing" : "is not as this Postern installs it";
  throw new PosternError(
    "internal",
    `${path} ${what}.`,
    "Set it up again: postern install; from a clone: npx postern install",
  );
}
