import type { Context } from "../context.ts";
import { orderAbout } from "../order-about.ts";
import { print } from "../output.ts";

export async function lock(context: Context, gate: string | undefined, options: { json?: true }): Promise<void> {
  await orderAbout(context, "lock", gate);
  const isAnswered = gate === undefined ? "no browser is answered" : `${gate} is not answered`;
  const undo = ["postern unlock", gate].join(" ").trimEnd();
  print({ state: "locked", gate }, options.json === true, () => `Locked: ${isAnswered} until ${undo}.\n`);
}

export async function unlock(context: Context, gate: string | undefined, options: { json?: true }): Promise<void> {
  await orderAbout(context, "unlock", gate);
  print({ state: "ready", gate }, options.json === true, () =>
    gate === undefined ? "Unlocked.\n" : `Unlocked: ${gate}.\n`,
  );
}
