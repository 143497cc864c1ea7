/** Times of things that are done in turn: what slows the machine for a while then slows all of them. */
export interface Stopwatch {
  time<T>(name: string, act: () => Promise<T>): Promise<T>;
  /** In milliseconds; null when nothing of that name was timed. */
  median(name: string): number | null;
}

export function createStopwatch(): Stopwatch {
  const samples = new Map<string, number[]>();

  async function time<T>(name: string, act: () => Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const result = await act();
    samples.set(name, [...(samples.get(name) ?? []), performance.now() - startedAt]);
    return result;
  }

  function median(name: string): number | null {
    const times = (samples.get(name) ?? []).toSorted((a, b) => a - b);
    const [low, high] = [times[Math.floor((times.length - 1) / 2)], times[Math.floor(times.length / 2)]];
    return low === undefined || high === undefined ? null : (low + high) / 2;
  }

  return { time, median };
}
