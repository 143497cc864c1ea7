import type { Gpg } from "./gpg.ts";

interface Running {
  ciphertext: Uint8Array;
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
  const running = new Set<Running>();

  return async (ciphertext, signal) => {
    signal.throwIfAborted();
    const shared = running.values().find((each) => isSame(each.ciphertext, ciphertext)) ?? begin(ciphertext);
    shared.waiting += 1;
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    const giveUp = (): void => reject(signal.reason);
    signal.addEventListener("abort", giveUp, { once: true });
    try {
      return Buffer.from(await Promise.race([shared.plain, aborted]));
    } finally {
      signal.removeEventListener("abort", giveUp);
      shared.waiting -= 1;
      if (shared.waiting === 0) end(shared);
    }
  };

  function begin(ciphertext: Uint8Array): Running {
    const nobody = new AbortController();
    const shared = { ciphertext, plain: decrypt(ciphertext, nobody.signal), waiting: 0, nobody };
    running.add(shared);
    const settle = (): void => void running.delete(shared);
    shared.plain.then(settle, settle);
    return shared;
  }

  /** Nobody waits any more; it may go on still. */
  function end(shared: Running): void {
    const { plain, nobody } = shared;
    if (running.delete(shared)) nobody.abort(new Error("nobody waits"));
    plain.then(
      (bytes) => bytes.fill(0),
      () => undefined,
    );
  }
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
