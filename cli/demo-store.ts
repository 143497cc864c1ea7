import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
import { notInstalled } from "./not-installed.ts";
import { endAgent } from "./session/agent.ts";

/** A password store and the key home that belongs to it. */
export interface DemoStore {
  store: string;
  gnupg: string;
}

/** The login that the demo store holds, for the page that the project serves. */
const ENTRY = "localhost/demo@example.org";

/**
 * A store of its own with a throw-away key of its own, made with `pass` and `gpg` as a user would; found again the
 * next time. Nothing of the user's is touched.
 * @throws PosternError `store_unavailable` when it can not be made
 */
export async function ensureDemoStore(data: string, path: string): Promise<DemoStore> {
  const place = join(data, "demo");
  const demo = storeIn(place);
  if (await isMade(demo)) return demo;
  // Another `up` may be making one as well: each comes to its place whole, and the first one stays.
  const own = `${place}-${process.pid}`;
  try {
    await make(storeIn(own), path);
    await rename(own, place);
  } catch (error) {
    if (await isMade(demo)) return demo;
    throw notMade(place, error);
  } finally {
    // What can not be removed could not be made either.
    await rm(own, { recursive: true, force: true }).catch(() => undefined);
  }
  return demo;
}

function storeIn(place: string): DemoStore {
  return { store: join(place, "store"), gnupg: join(place, "gnupg") };
}

async function isMade({ store }: DemoStore): Promise<boolean> {
  return (await stat(join(store, `${ENTRY}.gpg`)).catch(() => undefined)) !== undefined;
}

function notMade(place: string, error: unknown): PosternError {
  if (error instanceof PosternError) return error;
  const code = error instanceof Error && "code" in error ? error.code : "";
  if (code === "ENOTEMPTY") {
    const message = `${place} is there, and is no whole demo store.`;
    return new PosternError("store_unavailable", message, `Remove it with: rm -r ${place}`);
  }
  return new PosternError(
    "store_unavailable",
    "The demo store could not be made.",
    "See that gpg and pass work and that the disk is not full, or name a store of yours: postern up --store DIR",
  );
}

async function make(demo: DemoStore, path: string): Promise<void> {
  await mkdir(demo.gnupg, { recursive: true, mode: 0o700 });
  const environment = environmentOf(demo, path);
  try {
    await fillWith(demo, environment);
  } finally {
    // It knows its keys by the place where they were made.
    await endAgent(environment);
  }
}

async function fillWith({ store }: DemoStore, environment: Record<string, string>): Promise<void> {
  const run = async (program: "gpg" | "pass", parameters: string[], input = ""): Promise<void> => {
    const result = await execa(program, parameters, { env: environment, extendEnv: false, reject: false, input });
    if (result.code === "ENOENT") throw notInstalled(program);
    if (result.failed) throw new Error(`${program} failed`);
  };
  const address = "demo@postern.invalid";
  const key = ["--quick-gen-key", `Postern demo, a throw-away key <${address}>`, "future-default", "default", "never"];
  await run("gpg", ["--batch", "--pinentry-mode", "loopback", "--passphrase", "", ...key]);
  await run("pass", ["init", address]);
  const password = randomBytes(12).toString("base64url");
  await run("pass", ["insert", "--multiline", ENTRY], `${password}\nlogin: demo@example.org\n`);
  await writeFile(join(store, "README"), "Postern's demo store. Its key has no passphrase: keep nothing here.\n");
}

function environmentOf(demo: DemoStore, path: string): Record<string, string> {
  return {
    PATH: path,
    HOME: dirname(demo.store),
    GNUPGHOME: demo.gnupg,
    PASSWORD_STORE_DIR: demo.store,
    LANG: "C.UTF-8",
  };
}
