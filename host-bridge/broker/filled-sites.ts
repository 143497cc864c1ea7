import { PosternError } from "#protocol/error.ts";
import type { Filled } from "#protocol/generated/state.ts";
import type { StateFile } from "./state-file.ts";

/**
 * Which ciphertext was filled for which site. A name is not bound to what lies under it: whoever can write to the
 * store may move one login's file under the name of another site.
 */
export interface FilledSites {
  /** Whether each of them is known to be this site's. */
  isKnown(digests: readonly string[], site: string): boolean;
  /** The sites of those that are known, but not as this site's. */
  elsewhere(digests: readonly string[], site: string): string[];
  /** Resolves when it is kept. @throws PosternError `internal` */
  remember(digests: readonly string[], site: string): Promise<void>;
}

/** @throws PosternError `internal` when what was kept can not be read: then anything may have been moved */
export async function openFilledSites(file: StateFile<Filled>): Promise<FilledSites> {
  const filled = new Map(Object.entries((await file.read()) ?? unreadable()));
  const sitesOf = (digest: string): readonly string[] => filled.get(digest) ?? [];
  const isKnown: FilledSites["isKnown"] = (digests, site) => digests.every((each) => sitesOf(each).includes(site));

  function elsewhere(digests: readonly string[], site: string): string[] {
    const others = digests.map(sitesOf).filter((sites) => !sites.includes(site));
    return [...new Set(others.flat())];
  }

  async function remember(digests: readonly string[], site: string): Promise<void> {
    if (isKnown(digests, site)) return;
    for (const digest of digests) filled.set(digest, [...new Set([...sitesOf(digest), site])]);
    await file.write(Object.fromEntries(filled)).catch(() => {
      throw new PosternError(
        "internal",
        "What was filled can not be kept, so nothing is released.",
        "Make room on the disk of Postern's state directory: df -h ~/.local/state/postern",
      );
    });
  }

  return { isKnown, elsewhere, remember };
}

function unreadable(): never {
  throw new PosternError(
    "internal",
    "What was filled for which site can not be read.",
    "Look at filled.json in Postern's state directory; without it every entry is taken for a new one.",
  );
}
