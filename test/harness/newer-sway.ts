import { existsSync } from "node:fs";
import { chmod, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { execa } from "execa";
import { aptSources } from "#container/bootstrap.ts";
import { debianMirrors } from "#container/debian-mirrors.ts";
import type { Sway } from "./compositor.ts";
import { temporaryDirectory } from "./temporary.ts";

const SUITE = "trixie";

/** Fetched once for all runs in this clone. */
const ARCHIVE = join(import.meta.dirname, "../../build", `sway-${SUITE}.tar`);

let made: Promise<Sway> | undefined;
const parts = new AsyncDisposableStack();
after(() => parts.disposeAsync());

/** A sway that knows security contexts (1.10), of the next Debian: unpacked, with its own libraries, not installed. */
export async function newerSway(): Promise<Sway> {
  made ??= unpack();
  return await made;
}

async function unpack(): Promise<Sway> {
  if (!existsSync(ARCHIVE)) await fetchArchive();
  const root = parts.use(await temporaryDirectory()).path;
  await chmod(root, 0o755);
  await execa("tar", ["--extract", "--file", ARCHIVE, "--no-same-owner", "--exclude=./dev/*", "--directory", root]);
  const libraries = join(root, "usr/lib", await only(join(root, "usr/lib"), /-linux-gnu$/));
  return {
    command: [
      join(libraries, await only(libraries, /^ld-linux-.*\.so\.\d$/)),
      "--library-path",
      libraries,
      join(root, "usr/bin/sway"),
    ],
    environment: { XKB_CONFIG_ROOT: join(root, "usr/share/X11/xkb") },
  };
}

async function fetchArchive(): Promise<void> {
  const mirrors = debianMirrors(await aptSources());
  const sources = mirrors === undefined ? [] : [`deb ${mirrors.archive} ${SUITE} main`];
  const options = ["--variant=extract", "--format=tar", "--aptopt=APT::Install-Recommends false", "--include=sway"];
  const keyring = "--keyring=/usr/share/keyrings/debian-archive-keyring.gpg";
  // Whole or not at all, whoever else fetches it.
  const fresh = `${ARCHIVE}.${process.pid}`;
  try {
    await execa("mmdebstrap", [...options, keyring, SUITE, fresh, ...sources], {
      timeout: 300_000,
      // It ends its whole group when it fails.
      detached: true,
    });
    await rename(fresh, ARCHIVE);
  } finally {
    await rm(fresh, { force: true });
  }
}

async function only(folder: string, name: RegExp): Promise<string> {
  const found = (await readdir(folder)).find((entry) => name.test(entry));
  if (found === undefined) throw new Error(`There is no ${name} in ${folder}.`);
  return found;
}
