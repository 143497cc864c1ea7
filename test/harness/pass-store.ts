import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { temporaryDirectory } from "./temporary.ts";

const run = promisify(execFile);

/** A real store, made with `pass`, and a real key of its own, without a passphrase unless one is given. */
export interface PassStore extends AsyncDisposable {
  store: string;
  gnupg: string;
  home: string;
  environment: Record<string, string>;
  insert(name: string, text: string): Promise<void>;
  gpg(parameters: string[]): Promise<string>;
}

export async function makePassStore(entries: Record<string, string>, passphrase = ""): Promise<PassStore> {
  const temporary = await temporaryDirectory();
  const store = join(temporary.path, "store");
  const gnupg = join(temporary.path, "gnupg");
  await mkdir(gnupg, { mode: 0o700 });
  const environment = {
    PATH: process.env.PATH ?? "",
    HOME: temporary.path,
    GNUPGHOME: gnupg,
    PASSWORD_STORE_DIR: store,
    LANG: "C.UTF-8",
  };
  const gpg = async (parameters: string[]): Promise<string> =>
    (await run("gpg", parameters, { env: environment })).stdout;
  const key = ["--quick-gen-key", "Test <test@postern.invalid>", "future-default", "default", "never"];
  await gpg(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", passphrase, ...key]);
  await run("pass", ["init", "test@postern.invalid"], { env: environment });

  async function insert(name: string, text: string): Promise<void> {
    const child = run("pass", ["insert", "--multiline", "--force", name], { env: environment });
    child.child.stdin?.end(text);
    await child;
  }
  for (const [name, text] of Object.entries(entries)) await insert(name, text);

  return {
    store,
    gnupg,
    home: temporary.path,
    environment,
    insert,
    gpg,
    [Symbol.asyncDispose]: async () => {
      await run("gpgconf", ["--kill", "all"], { env: environment }).catch(() => undefined);
      await rm(store, { recursive: true, force: true });
      await temporary[Symbol.asyncDispose]();
    },
  };
}
