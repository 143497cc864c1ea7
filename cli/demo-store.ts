import { mkdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { randomBytes } from "node:crypto";
import { execa } from "execa";
import { PosternError } from "#protocol/error.ts";
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
  const demo = { store: join(data, "demo/store"), gnupg: join(data, "demo/gnupg") };
  const isMade = await stat(join(demo.store, `${ENTRY}.gpg`)).catch(() => undefined);
  if (isMade !== undefined) return demo;
  try {
    await make(demo, path);
  } catch {
    await endAgent(environmentOf(demo, path));
    await rm(dirname(demo.store), { recursive: true, force: true });
    throw new PosternError(
      "store_unavailable",
      "The demo store could not be made.",
      "See that gpg and pass work and that the disk is not full, or name a store of yours: postern up --store DIR",
    );
  }
  return demo;
}

async function make(demo: DemoStore, path: string): Promise<void> {
  await mkdir(demo.gnupg, { recursive: true, mode: 0o700 });
  const environment = environmentOf(demo, path);
  const options = { env: environment, extendEnv: false };
  const address = "demo@postern.invalid";
  const key = ["--quick-gen-key", `Postern demo, a throw-away key <${address}>`, "future-default", "default", "never"];
  await execa("gpg", ["--batch", "--pinentry-mode", "loopback", "--passphrase", "", ...key], options);
  await execa("pass", ["init", address], options);
  const password = randomBytes(12).toString("base64url");
  await execa("pass", ["insert", "--multiline", ENTRY], {
    ...options,
    input: `${password}\nlogin: demo@example.org\n`,
  });
  await writeFile(join(demo.store, "README"), "Postern's demo store. Its key has no passphrase: keep nothing here.\n");
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
