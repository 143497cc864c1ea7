export interface SecretKey {
  fingerprint: string;
  userId: string;
  /** Keygrips of the primary key and sub-keys that decrypt and whose secret part is here. */
  encryptionGrips: string[];
}

/**
 * Reads `gpg --with-colons --with-keygrip --list-secret-keys` (GnuPG, doc/DETAILS, "Format of the colon listings").
 * Keys that can not decrypt here are left out.
 */
export function parseSecretKeys(listing: string): SecretKey[] {
  const keys: SecretKey[] = [];
  let decrypts = false;
  for (const line of listing.split("\n")) {
    const fields = line.split(":");
    const [record] = fields;
    const key = keys.at(-1);
    if (record === "sec" || record === "ssb") {
      if (record === "sec") keys.push({ fingerprint: "", userId: "", encryptionGrips: [] });
      // Field 12 has the capabilities of this key in lower case; field 15 is # for a secret part that is elsewhere.
      decrypts = (fields[11] ?? "").includes("e") && fields[14] !== "#";
    } else if (record === "fpr" && key?.fingerprint === "") {
      key.fingerprint = fields[9] ?? "";
    } else if (record === "uid" && key?.userId === "") {
      key.userId = fields[9] ?? "";
    } else if (record === "grp" && decrypts) {
      key?.encryptionGrips.push(fields[9] ?? "");
    }
  }
  return keys.filter((key) => key.encryptionGrips.length > 0);
}
