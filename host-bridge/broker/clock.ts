/** In milliseconds: less is the difference between two readings, or the clock being corrected gently. */
const LEAST_SLEEP = 1_000;

/**
 * Milliseconds since the epoch, or what was taken for that at the start. Never goes back, and goes on while the machine
 * sleeps, as no clock of performance does: what was allowed for minutes is over by the morning. By how far the machine's
 * clock gets ahead of the time awake: one that is set forward looks the same, and ends what was allowed early; one that is
 * set back is not followed. Not by the time since boot: reading that takes a tenth of a look-up.
 */
export function createClock(wall = (): number => Date.now(), awake = (): number => performance.now()): () => number {
  let start = wall() - awake();
  let last = start;
  return () => {
    const passed = awake();
    const difference = wall() - passed;
    if (difference - last > LEAST_SLEEP) start += difference - last;
    last = difference;
    return start + passed;
  };
}
