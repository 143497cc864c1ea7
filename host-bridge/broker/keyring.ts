import { statSync } from "node:fs";
import { join } from "node:path";

export interface Keyring {
  read(): Promise<KeyringState>;
}

interface KeyringState {
  /** Another one after every change. */
  stamp: string;
  /** The ids of all public keys and subkeys, 16 upper-case hexadecimal digits each. */
  ids: ReadonlySet<string>;
}

interface Listing {
  exitCode: number | null;
  output: Buffer;
}

/** The public keyring in `homedir`, listed anew only after its file has changed, or when that failed. */
export function createKeyring(homedir: string, list: () => Promise<Listing>): Keyring {
  let listed: KeyringState | undefined;

  async function read(): Promise<KeyringState> {
    const stamp = stampOf(homedir);
    // Without a keyring, gpg would make one.
    if (stamp === "") return { stamp, ids: new Set() };
    if (listed?.stamp === stamp) return listed;
    const { exitCode, output } = await list();
    const found = { stamp, ids: parseKeyIds(output.toString()) };
    if (exitCode === 0) listed = found;
    return found;
  }

  return { read };
}

/** GnuPG's doc/DETAILS, "Format of the colon listings": type of the record first, the key's id as field 5. */
function parseKeyIds(colons: string): Set<string> {
  const records = colons.split("\n").map((line) => line.split(":"));
  const keys = records.filter(([type]) => type === "pub" || type === "sub");
  return new Set(keys.map((fields) => fields[4] ?? ""));
}

/** Another one after every change of a keyring's file; empty when there is none. */
function stampOf(homedir: string): string {
  const stamps = ["pubring.gpg", "pubring.kbx"].map((name) => {
    const found = statSync(join(homedir, name), { throwIfNoEntry: false });
    return found === undefined ? "" : `${name}.${found.ino}.${found.size}.${found.mtimeMs}`;
  });
  return stamps.join("");
}
