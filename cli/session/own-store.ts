import { stat } from "node:fs/promises";
import { PosternError } from "#protocol/error.ts";

/**
 * The vault runs as the owner of the store, and that has to be who asks for it.
 * @throws PosternError `store_unavailable`
 */
export async function requireOwnStore(store: string, uid: number): Promise<void> {
  const found = await stat(store).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new PosternError(
      "store_unavailable",
      `There is no store at ${store}.`,
      "Make one with pass init, or name another with --store.",
    );
  }
  if (found.uid !== uid) {
    throw new PosternError(
      "store_unavailable",
      `The store ${store} belongs to another user.`,
      "Run postern as that user.",
    );
  }
}
