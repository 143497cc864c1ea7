import { createHash } from "node:crypto";
import type { Gpg } from "./gpg.ts";

interface Running {
  plain: Promise<Buffer>;
  /** How many wait for it, or have not copied it yet. */
  waiting: number;
  /** Ends it when nobody waits any more. */
  nobody: AbortController;
}

/**
 * Who asks for the plain text of a message while it is being decrypted gets a copy of that, and not a decryption more:
 * each would cost the agent's key derivation again. One that gives up ends nobody else's.
 */
export function shareInFlight(decrypt: Gpg["decrypt"]): Gpg["decrypt"] {
  const running = new Map<string, Running>();

  return async (ciphertext, signal) => {
    signal.throwIfAborted();
    const digest = createHash("sha256").update(ciphertext).digest("base64");
    const shared = running.get(digest) ?? begin(digest, ciphertext);
    shared.waiting += 1;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return Buffer.from(await Promise.race([shared.plain, aborted]));
    } finally {
      signal.removeEventListener("abort", giveUp);
      shared.waiting -= 1;
      if (shared.waiting === 0) end(digest, shared);
    }
  };

  function begin(digest: string, ciphertext: Uint8Array): Running {
    const nobody = new AbortController();
    const shared = { plain: decrypt(ciphertext, nobody.signal), waiting: 0, nobody };
    running.set(digest, shared);
    return shared;
  }

  function end(digest: string, { plain, nobody }: Running): void {
    running.delete(digest);
    nobody.abort(new Error("nobody waits"));
    plain.then(
      (bytes) => bytes.fill(0),
      () => undefined,
    );
  }
}
