import { setTimeout as after } from "node:timers/promises";

/** Resolves after so many milliseconds, or rejects with an AbortError. Handed in, so that tests need not wait. */
export type Wait = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

/** By the machine's own clock; keeps no process alive. */
export const realWait: Wait = (milliseconds, signal) =>
  after(milliseconds, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) });
