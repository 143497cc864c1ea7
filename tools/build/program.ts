import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { build } from "esbuild";
import { inputsOf } from "./inputs.ts";
import type { Program } from "./programs.ts";

/**
 * What dockerode loads to reach engines over SSH and to talk BuildKit. Postern reaches an engine through its Unix
 * socket and uses the classic builder, so none of it is called; and what is not bundled need not be trusted.
 */
const LEFT_OUT = ["ssh2", "@grpc/grpc-js", "@grpc/proto-loader", "protobufjs"];

/**
 * Bundles a program with all it imports into one CommonJS file that needs nothing but Node.
 * @returns the files it was made from, relative to the root
 */
export async function buildProgram(root: string, target: string, program: Program): Promise<string[]> {
  const outfile = join(target, program.bundle);
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [program.entry],
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node26",
    alias: Object.fromEntries(LEFT_OUT.map((name) => [name, "./tools/build/left-out.cjs"])),
    banner: program.isCommand === true ? { js: "#!/usr/bin/env node" } : {},
    legalComments: "eof",
    metafile: true,
    logLevel: "silent",
  });
  if (program.isCommand === true) await chmod(outfile, 0o755);
  return await inputsOf(root, metafile);
}
