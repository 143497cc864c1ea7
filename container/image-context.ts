import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NATIVE_HOST } from "#protocol/names.ts";
import { nativeManifestText } from "#manifests/native-manifest.ts";

export type ImageKind = "firefox" | "vault";

/** What an image is built from, and a digest of all of it. */
export interface ImageContext extends AsyncDisposable {
  /** A temporary folder of links, flat as the Dockerfile wants it. */
  directory: string;
  digest: string;
}

/** The files that each Dockerfile copies, below the folder of the bundles. */
const SOURCES: Record<ImageKind, string[]> = {
  firefox: [
    "container/firefox/Dockerfile",
    "container/firefox/bus.conf",
    "container/firefox/policies.json",
    "container/firefox/postern-firefox",
    "container/firefox/postern-host",
    "container/firefox/postern-open",
    "container/firefox/preferences.js",
    "container/firefox/surroundings.cfg",
    "extension/postern-firefox.xpi",
    "login-page.cjs",
    "postern-host.cjs",
    "postern-sound.cjs",
  ],
  vault: ["container/vault/Dockerfile", "postern-broker.cjs"],
};

/**
 * @param files the folder of the bundles
 * @param node the Node binary that the bundles run under in the container, which is the one that runs this
 * @param salt what else the image depends on
 */
export async function gatherContext(kind: ImageKind, files: string, node: string, salt: string): Promise<ImageContext> {
  await using made = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), "postern-image-"));
  made.defer(() => rm(directory, { recursive: true, force: true }));
  const links = SOURCES[kind].map((source) => [source.replace(/^.*\//, ""), join(files, source)] as const);
  for (const [name, target] of [["node", node] as const, ...links]) await symlink(target, join(directory, name));
  const names = ["node", ...links.map(([name]) => name)];
  if (kind === "firefox") {
    const manifest = `${NATIVE_HOST}.json`;
    const content = nativeManifestText("firefox", "/usr/libexec/postern/postern-host");
    await writeFile(join(directory, manifest), content);
    names.push(manifest);
  }
  const { size } = await stat(node);
  const digest = createHash("sha256").update(`${salt}\0${process.version}\0${size}`);
  // All but Node, which is large and comes whole from the package registry: version and size tell one from another. Not
  // its time, which is new with every installation.
  for (const name of names.slice(1)) {
    digest.update(`\0${name}\0`);
    for await (const piece of createReadStream(join(directory, name))) digest.update(piece);
  }
  const kept = made.move();
  return { directory, digest: digest.digest("hex"), [Symbol.asyncDispose]: () => kept.disposeAsync() };
}
