import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { execa } from "execa";
import { openNativePort } from "./native-port.ts";

type Ask = () => Promise<unknown>;

/** What others do for the same wish, each in a new process as their extensions start it. */
export interface Peers {
  /** Undefined when there is no browserpass-native. */
  browserpass: { list: Ask; fetch: Ask } | undefined;
  gpg: Ask;
}

/** Where Debian's webext-browserpass has it, and where set-up unpacks that for the tests; others put it on the path. */
const BROWSERPASS_FOLDERS = ["/usr", join(import.meta.dirname, "../build/browserpass/usr")].map((prefix) =>
  join(prefix, "lib/browserpass"),
);

export async function findPeers(path: string, gnupg: string, store: string, entry: string): Promise<Peers> {
  const environment = { PATH: path, HOME: gnupg, GNUPGHOME: gnupg, LANG: "C.UTF-8" };
  const file = `${entry}.gpg`;
  const browserpass = await findProgram("browserpass-native", [...BROWSERPASS_FOLDERS, ...path.split(delimiter)]);

  async function ask(program: string, request: object): Promise<void> {
    const id = "default";
    const stores = { [id]: { id, name: id, path: store, settings: {} } };
    await using port = openNativePort(program, [], environment);
    const answer = await port.ask({ settings: { gpgPath: "", stores }, storeId: id, file, ...request });
    const isFine = typeof answer === "object" && answer !== null && "status" in answer && answer.status === "ok";
    if (!isFine) throw new Error(`${program}: ${JSON.stringify(answer)}`);
  }

  return {
    browserpass:
      browserpass === undefined
        ? undefined
        : {
            list: () => ask(browserpass, { action: "list" }),
            fetch: () => ask(browserpass, { action: "fetch" }),
          },
    gpg: () => execa("gpg", ["--batch", "--quiet", "--decrypt", join(store, file)], { env: environment }),
  };
}

async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const path = join(folder, name);
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return path;
  }
  return undefined;
}
