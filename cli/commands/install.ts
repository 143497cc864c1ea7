import { dirname } from "node:path";
import { lstat } from "node:fs/promises";
import { compareFiles, writeFiles } from "#manifests/installation.ts";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { howToAdd } from "../install/how-to-add.ts";
import { type Plan, planInstallation } from "../install/plan.ts";
import { compareProgram, placeProgram, removeProgram } from "../install/program-folder.ts";
import { print } from "../output.ts";

export interface InstallOptions {
  print?: true;
  json?: true;
}

/** Sets Postern up in the user's own session, for the browsers there. */
export async function install(context: Context, named: string[], options: InstallOptions): Promise<void> {
  const isJson = options.json === true;
  const plan = await planInstallation(context, named);
  if (options.print === true) return printPlan(plan, isJson);
  await requireOwnHome(context);
  const { program } = plan;
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => interrupted.abort(stopped()));

  const states = await compareFiles(plan, plan.files);
  states.set(program.path, await compareProgram(program));
  await writeFiles(
    plan,
    plan.files,
    async (undo) => {
      if (states.get(program.path) !== "same") await placeProgram(program, undo, interrupted.signal);
    },
    interrupted.signal,
  );
  await removeProgram(plan.home, program.path, ["old"]);

  const written = [...states].map(([path, state]) => ({ path, state }));
  const browsers = plan.browsers.map((browser) => ({ name: browser.name, add: howToAdd(browser, program.path) }));
  const isOnPath = (context.environment.PATH ?? "").split(":").includes(dirname(plan.command));
  print({ written, browsers, isOnPath }, isJson, () => [...report(states), ...advice(plan, isOnPath), ""].join("\n"));
}

function report(states: Map<string, string>): string[] {
  const changes = [...states].filter(([, state]) => state !== "same");
  if (changes.length === 0) return ["Postern was set up already; nothing was changed."];
  return changes.map(([path, state]) => `${state === "new" ? "Wrote" : "Renewed"} ${path}`);
}

function advice({ command, browsers, program }: Plan, isOnPath: boolean): string[] {
  const folder = dirname(command);
  return [
    ...(isOnPath ? [] : ["", `${folder} is not on your PATH. Add it in your shell's profile: PATH="${folder}:$PATH"`]),
    ...(browsers.length > 0
      ? []
      : ["", "No browser of yours was found. Name one, for example: postern install firefox"]),
    ...browsers.flatMap((browser) => ["", ...howToAdd(browser, program.path)]),
    "",
    "Then start the vault: postern up --vault",
  ];
}

function printPlan({ files, program, receipt }: Plan, isJson: boolean): void {
  const about = { files, folder: program.path, from: program.source, node: program.node, receipt };
  print(about, isJson, () =>
    [
      `${program.path}/\n  a copy of ${program.source}, with ${program.node}\n`,
      `${receipt}\n  what was written, with digests, for postern uninstall\n`,
      ...files.map(
        ({ path, text, mode }) => `${path} (mode ${mode.toString(8)})\n${text.replaceAll(/^/gm, "  ").trimEnd()}\n`,
      ),
    ].join("\n"),
  );
}

/** Otherwise it would leave files in a home directory that its owner can not remove. */
async function requireOwnHome({ home, uid }: Context): Promise<void> {
  const found = await lstat(`${home}/.`).catch(() => undefined);
  if (found?.uid === uid) return;
  throw new PosternError(
    "internal",
    `The home directory ${home} is not there, or is another user's.`,
    "Run it as the user whose browsers are to be set up, without sudo: postern install",
  );
}

function stopped(): PosternError {
  return new PosternError("cancelled", "Stopped; nothing was left.", "Start again with: postern install");
}
