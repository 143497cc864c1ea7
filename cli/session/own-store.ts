import { stat } from "node:fs/promises";
import { PosternError } from "#protocol/error.ts";
import type { Store } from "#protocol/generated/control.ts";

/**
 * The vault runs as the owner of the store, and that has to be who asks for it.
 * @throws PosternError `store_unavailable`
 */
export async function requireOwnStore(store: Store, uid: number): Promise<void> {
  const found = await stat(store.path).catch(() => undefined);
  if (found?.isDirectory() !== true) throw noStore(store);
  if (found.uid !== uid) {
    throw new PosternError(
      "store_unavailable",
      `The store ${store.path} belongs to another user.`,
      "Run postern as that user.",
    );
  }
}

export function noStore({ name, path }: Store): PosternError {
  if (name === undefined) {
    const hint = "Make one with pass init, or name another with --store.";
    return new PosternError("store_unavailable", `There is no store at ${path}.`, hint);
  }
  return new PosternError(
    "store_unavailable",
    `There is no store at ${path}, where the store ${name} should be.`,
    `Make one there with pass init, or mend config.toml: stores.${name}`,
  );
}
