import { endianness } from "node:os";
import { dirname, join } from "node:path";
import { lstat } from "node:fs/promises";
import { type OwnBrowser, ownBrowsers } from "#manifests/browsers.ts";
import { hostProgram } from "#manifests/host-program.ts";
import type { Installation, PlannedFile } from "#manifests/installation.ts";
import { nativeManifestText } from "#manifests/native-manifest.ts";
import { PosternError } from "#protocol/error.ts";
import type { Context } from "../context.ts";
import { commandProgram } from "./command-program.ts";
import type { ProgramFolder } from "./program-folder.ts";

/** All that an installation is, before anything of it is written. */
export interface Plan extends Installation {
  program: ProgramFolder;
  /** The command. */
  command: string;
  files: PlannedFile[];
  browsers: OwnBrowser[];
}

/**
 * @param named browsers, by name; none: those that the user has started before
 * @throws PosternError `bad_message` for a name that is none
 */
export async function planInstallation({ home, places, bundles }: Context, named: readonly string[]): Promise<Plan> {
  // places.config is Postern's own directory in the user's.
  const known = ownBrowsers(home, dirname(places.config));
  const browsers =
    named.length > 0 ? [...new Set(named)].map((name) => byName(known, name)) : await startedBefore(known);
  const program = {
    home,
    path: join(places.data, "program"),
    source: bundles,
    node: process.execPath,
  };
  const host = join(places.data, "postern-host");
  const programs = browsers.flatMap((browser) => browser.programs);
  const command = join(home, ".local/bin/postern");
  return {
    home,
    receipt: join(places.data, "installed.json"),
    program,
    command,
    browsers,
    files: [
      { path: command, text: commandProgram(program.path), mode: 0o755 },
      { path: host, text: hostProgram(program.path, endianness(), programs), mode: 0o755 },
      ...browsers.map(({ family, manifest }) => {
        return { path: manifest, text: nativeManifestText(family, host), mode: 0o644 as const };
      }),
    ],
  };
}

function byName(known: OwnBrowser[], name: string): OwnBrowser {
  const found = known.find((browser) => browser.name === name);
  if (found !== undefined) return found;
  throw new PosternError(
    "bad_message",
    `${name} is no browser that Postern can be set up in.`,
    `Name one of: ${known.map((browser) => browser.name).join(", ")}`,
  );
}

async function startedBefore(known: OwnBrowser[]): Promise<OwnBrowser[]> {
  const started = await Promise.all(
    known.map(async ({ profiles }) => {
      const found = await Promise.all(profiles.map((path) => lstat(path).catch(() => undefined)));
      return found.some((entry) => entry !== undefined);
    }),
  );
  return known.filter((_, index) => started[index]);
}
