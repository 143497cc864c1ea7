import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { GIT_SETTINGS } from "./git-store.ts";
import { type PassStore, makePassStore } from "./pass-store.ts";

const run = promisify(execFile);

/** Two real stores with a key and a git of their own each, beside one another as the vault sees them. */
export interface TwoStores extends PassStore {
  stores: { name: "work" | "home"; path: string }[];
  /** What `pass` says, of one of them. */
  pass(name: "work" | "home", parameters: string[], input?: string): Promise<string>;
}

/** @param entries by their whole names, such as `work/example.com/alice` */
export async function makeTwoStores(entries: Record<string, string>): Promise<TwoStores> {
  const both = await makePassStore({});
  const place = (name: "work" | "home"): string => join(both.store, name);

  async function pass(name: "work" | "home", parameters: string[], input = ""): Promise<string> {
    const child = run("pass", parameters, { env: { ...both.environment, PASSWORD_STORE_DIR: place(name) } });
    child.child.stdin?.end(input);
    return (await child).stdout;
  }

  await writeFile(join(both.home, ".gitconfig"), GIT_SETTINGS);
  for (const name of ["work", "home"] as const) {
    const key = ["--quick-gen-key", `${name}@postern.invalid`, "future-default", "default", "never"];
    await both.gpg(["--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", ...key]);
    await pass(name, ["init", `${name}@postern.invalid`]);
    await pass(name, ["git", "init"]);
  }
  for (const [entry, text] of Object.entries(entries)) {
    const name = entry.startsWith("work/") ? "work" : "home";
    await pass(name, ["insert", "--multiline", entry.slice(name.length + 1)], text);
  }
  const stores = (["work", "home"] as const).map((name) => ({ name, path: place(name) }));
  return { ...both, stores, pass };
}
