/**
 * Milliseconds since the epoch that never go back and go on while the machine sleeps, as no clock of performance does:
 * what was allowed for minutes is over by the morning. It follows the machine's clock forward, and never back.
 * Not the time since boot: reading that takes a tenth of a look-up.
 */
export function createClock(wall = (): number => Date.now(), awake = (): number => performance.now()): () => number {
  let lead = -Infinity;
  return () => {
    const passed = awake();
    lead = Math.max(lead, wall() - passed);
    return passed + lead;
  };
}
