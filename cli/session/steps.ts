import type { SessionEvent } from "#protocol/generated/control.ts";

/** The steps of an order, each told with its time when it is done. */
export interface Steps {
  onProgress: (text: string) => void;
  /** @throws the signal's reason, before it begins */
  step<T>(name: string, act: () => Promise<T>): Promise<T>;
}

export function createSteps(signal: AbortSignal, tell: (event: SessionEvent) => void): Steps {
  const onProgress = (text: string): void => tell({ event: "progress", text });
  async function step<T>(name: string, act: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    onProgress(name);
    const startedAt = performance.now();
    const result = await act();
    tell({ event: "step", name, ms: Math.round(performance.now() - startedAt) });
    return result;
  }
  return { onProgress, step };
}
